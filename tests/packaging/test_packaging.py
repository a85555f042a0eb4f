# SPDX-License-Identifier: Apache-2.0
"""What the packages of several systems say in their own words is the same.

scripts/test-package and scripts/test-foreign-packages make and try the packages themselves.
"""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).parent.parent.parent
PACKAGING = ROOT / "packaging"


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def first(pattern, path):
    return re.search(pattern, read(path), re.MULTILINE)[1]


def test_all_have_the_same_version():
    version = first(r"^  version: '(.*)',$", "meson.build")
    assert first(r"^ctrack \((.*)\) ", "packaging/debian/changelog") == version
    assert first(r"^Version: *(.*)$", "packaging/rpm/ctrack.spec") == version
    assert first(r"SOURCES/ctrack-(.*)\.tar\.gz HEAD$", "packaging/rpm/ctrack.spec") == version
    assert first(r"^%changelog\n.* (.*)-\d+$", "packaging/rpm/ctrack.spec") == version
    assert first(r"^pkgver=(.*)$", "packaging/arch/PKGBUILD") == version


def test_debian_builds_with_what_setup_installs():
    listed = re.search(r"^build_packages=\(\n(.*?)^\)", read("scripts/setup"), re.M | re.S)[1]
    wanted = set(re.sub(r"#.*", "", listed).split())
    depends = re.search(r"^Build-Depends:\n(.*?)^\S", read("packaging/debian/control"), re.M | re.S)[1]
    named = set(re.findall(r"^ ([a-z0-9.+-]+)", depends, re.M))
    # build-essential has a compiler, meson brings ninja, and pkg-config is an old name of pkgconf.
    assert wanted - {"g++", "ninja-build", "pkg-config"} <= named


def libraries_of(path):
    """The libraries that a meson.build asks pkg-config for."""
    return set(re.findall(r"^\w+ = dependency\('([^']+)'", read(path), re.M))


def test_fedora_builds_with_the_same_libraries():
    named = re.findall(r"^BuildRequires: *pkgconfig\((.*?)\)", read("packaging/rpm/ctrack.spec"), re.M)
    assert libraries_of("meson.build") <= set(named)


def test_arch_takes_the_package_description():
    script = 'source "$1"; type build package_ctrack-query package_ctrack-recorder; echo $pkgver'
    subprocess.run(["bash", "-euc", script, "-", PACKAGING / "arch/PKGBUILD"], check=True)


def capabilities(words):
    return {word.removeprefix("CAP_") for word in re.split(r"[ ,]+", words.strip())}


def test_a_pod_has_the_capabilities_of_the_unit():
    unit = first(r"^AmbientCapabilities=(.*)$", "packaging/systemd/ctrack-recorder.service.in")
    pod = first(r"^ *add: \[(.*)\]$", "packaging/kubernetes/daemonset.yaml")
    assert capabilities(pod) == capabilities(unit)
    assert "privileged: true" not in read("packaging/kubernetes/daemonset.yaml")
