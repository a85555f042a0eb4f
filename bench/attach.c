/* SPDX-License-Identifier: Apache-2.0
 *
 * attach OBJECT PROGRAM CGROUP: loads the one program of a BPF object and attaches it
 * to a cgroup2 directory until its stdin ends. Says "attached".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

static int fail(const char *what)
{
	fprintf(stderr, "attach: %s: %s\n", what, strerror(errno));
	return 1;
}

static struct bpf_program *load(const char *path, const char *name)
{
	struct bpf_object *object = bpf_object__open(path);
	struct bpf_program *program;

	if (!object)
		return NULL;
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, !strcmp(bpf_program__name(program), name));
	if (bpf_object__load(object))
		return NULL;
	return bpf_object__find_program_by_name(object, name);
}

int main(int argc, char **argv)
{
	struct bpf_program *program;
	char byte;
	int cgroup;

	if (argc != 4)
		return fprintf(stderr, "usage: attach OBJECT PROGRAM CGROUP\n"), 2;
	cgroup = open(argv[3], O_RDONLY | O_DIRECTORY);
	program = load(argv[1], argv[2]);
	if (cgroup < 0 || !program)
		return fail("open and load");
	if (!bpf_program__attach_cgroup(program, cgroup))
		return fail("attach");
	puts("attached");
	fflush(stdout);
	return read(STDIN_FILENO, &byte, 1) < 0;
}
