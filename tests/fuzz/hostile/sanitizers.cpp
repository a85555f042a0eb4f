// SPDX-License-Identifier: Apache-2.0
//
// What the sanitizers do unless ASAN_OPTIONS and UBSAN_OPTIONS say otherwise. A report ends the
// child with a number that ctrack-query never ends with. Freed memory is kept for a while to find
// uses of it, and this little of it keeps the bound of memory meaningful.
extern "C" const char* __asan_default_options() {
    return "exitcode=99:detect_leaks=0:quarantine_size_mb=16:detect_stack_use_after_return=1";
}

extern "C" const char* __ubsan_default_options() {
    return "exitcode=99:halt_on_error=1:print_stacktrace=1";
}
