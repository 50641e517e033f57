# SPDX-License-Identifier: MIT
#
#	make		everything, into build/
#	make help	the other targets
#
# Variables: O=DIR where to build, SAN=1 with AddressSanitizer and UBSan, PREFIX=, DESTDIR=,
# WERROR= for a compiler that knows more warnings than we do, CC=, CFLAGS=, V=1 to see commands.

VERSION := 0.1.0
O	?= build
PREFIX	?= /usr/local
SAN	?=
V	?=
WERROR	?= -Werror
CFLAGS	?= -O2 -g
PYTHON	?= python3

BINDIR	   := $(PREFIX)/bin
LIBEXECDIR := $(PREFIX)/libexec/contain
PAMDIR	   ?= $(PREFIX)/lib/security
DATADIR	   := $(PREFIX)/share/contain
MANDIR	   := $(PREFIX)/share/man

comma := ,
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
Q := $(if $(V),,@)

# Root in somebody else's checkout (sudo make ...) builds as that person, so that no file of theirs
# ends up root's and their next `make` still works.
OWNER := $(shell stat -c '%u %g' .)
ifeq ($(shell id -u):$(filter-out 0,$(firstword $(OWNER))),0:)
AS_OWNER :=
else ifeq ($(shell id -u),0)
AS_OWNER := setpriv --reuid=$(word 1,$(OWNER)) --regid=$(word 2,$(OWNER)) --clear-groups
endif

# ---------------------------------------------------------------------------------------- flags

multiarch := $(shell $(CC) -print-multiarch 2>/dev/null)
gcc_major := $(shell $(CC) -dumpversion 2>/dev/null | cut -d. -f1)
fortify	  := $(shell [ "$(gcc_major)" -ge 12 ] 2>/dev/null && echo 3 || echo 2)

warnings := -Wall -Wextra $(WERROR) -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wvla \
	    -Wformat=2
hardening := -fstack-protector-strong -fstack-clash-protection \
	     $(if $(filter x86_64%,$(multiarch)),-fcf-protection)
ifeq ($(SAN),)
hardening += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(fortify)
else
sanitize  := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
# For what is loaded into programs without a sanitizer's runtime library: sshd, su.
trap	  := -fsanitize=undefined -fsanitize-undefined-trap-on-error
endif

language := -std=gnu17 -D_GNU_SOURCE -I.
defines	 := -DVERSION='"$(VERSION)"' -DLIBEXECDIR='"$(LIBEXECDIR)"' -DDATADIR='"$(DATADIR)"' \
	-DPAMDIR='"$(PAMDIR)"'
sections := -ffunction-sections -fdata-sections
compile	 := $(language) $(defines) $(CPPFLAGS) $(CFLAGS) $(warnings) $(hardening) $(sections)
linking	 := $(CFLAGS) $(LDFLAGS) -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed,--gc-sections

netlink_packages := libnl-3.0 libnl-route-3.0
seccomp_packages := libseccomp json-c
systemd_packages := libsystemd
nftables_packages := libnftables
policy_packages := libeconf
archive_packages := libarchive nettle
oci_packages := json-c
wtmpdb_packages := libwtmpdb
packages = $(shell pkg-config $(1) $(2) 2>/dev/null)

# What runs inside a jail is static: nothing of the jail's own root is loaded. musl makes it a
# twentieth of glibc's size; its compiler wrapper does not find the kernel's headers by itself.
musl := $(shell command -v musl-gcc 2>/dev/null)
kernel_headers := -idirafter /usr/include -idirafter /usr/include/$(multiarch)
static_cc := $(if $(musl),$(musl) $(kernel_headers),$(CC))
static_compile := $(language) $(CPPFLAGS) $(warnings) $(sections) -static \
	-fno-asynchronous-unwind-tables -Wl,-z,noexecstack,--gc-sections,--build-id=none -s

# -------------------------------------------------------------------------------------- sources

netlink_sources := $(wildcard lib/kernel/netlink_*.c)
seccomp_sources := $(wildcard lib/kernel/seccomp_part*.c)
systemd_sources := $(wildcard lib/kernel/systemd_part*.c)
nftables_sources := $(wildcard lib/kernel/nftables_part*.c)
policy_sources := $(wildcard lib/policy/econf_part*.c)
archive_sources := $(wildcard lib/layer/archive_part*.c)
oci_sources := $(wildcard lib/pull/oci_part*.c)
lib_sources := $(filter-out $(netlink_sources) $(seccomp_sources) $(systemd_sources) $(nftables_sources) \
	$(policy_sources) $(archive_sources) $(oci_sources), \
	$(wildcard lib/base/*.c lib/policy/*.c lib/kernel/*.c lib/image/*.c \
	lib/layer/*.c lib/pull/*.c lib/jail/*.c))
exec_sources := $(filter-out %/gen_man.c %/main.c,$(wildcard contain-exec/*.c))
ctl_sources := $(filter-out %/main.c,$(wildcard containctl/*.c))
module_sources := $(wildcard pam_contain/pam_*.c)
wtmpdb_sources := $(wildcard pam_contain/wtmpdb_part*.c)
session_sources := $(filter-out $(module_sources) $(wtmpdb_sources),$(wildcard pam_contain/*.c))
probe_sources := $(wildcard tests/probe/*.c)
pam_sources := $(wildcard tests/pam/*.c)
unit_sources := $(wildcard tests/unit/*.c)
system_sources := $(wildcard tests/system/*_test.c)
system_scripts := $(filter-out %/lib.sh %/rootfs.sh,$(wildcard tests/system/*.sh)) \
	$(wildcard tests/system/*.py)
machine_scripts := $(filter-out %/lib.sh,$(wildcard tests/machine/*.sh))

objects = $(patsubst %.c,$(O)/obj/%.o,$(1))
pic_objects = $(patsubst %.c,$(O)/pic/%.o,$(1))
guest_objects = $(patsubst %.c,$(O)/$(if $(SAN),guest,pic)/%.o,$(1))
base_sources := $(wildcard lib/base/*.c)

programs := $(O)/contain-exec $(O)/containctl
helpers := $(O)/contain-session
inside := $(O)/contain-init
parts := $(addprefix $(O)/contain-,netlink.so nftables.so seccomp.so systemd.so policy.so \
	archive.so oci.so)
# Where the host keeps its records in this database.
ifneq ($(call packages,--libs,$(wtmpdb_packages)),)
parts += $(O)/contain-wtmpdb.so
endif
modules := $(O)/pam_contain.so
data := $(O)/seccomp/default.json $(O)/seccomp/image.json $(O)/default.conf
integration := $(O)/systemd/user-manager.conf $(O)/pam-configs/contain
samples := $(wildcard etc/samples/*.conf)
manuals := $(addprefix $(O)/,contain-exec.1 contain.conf.5 containctl.8 pam_contain.8)
probes := $(patsubst tests/probe/%.c,$(O)/probe/%,$(probe_sources))
pam_programs := $(patsubst tests/pam/%.c,$(O)/pam/%,$(pam_sources))
unit_tests := $(patsubst tests/unit/%.c,$(O)/unit/%,$(unit_sources))
system_tests := $(patsubst tests/system/%.c,$(O)/system/%,$(system_sources))

everything := $(O)/libcontain.a $(programs) $(helpers) $(inside) $(parts) $(modules) $(data) \
	$(integration) $(manuals)
test_programs := $(probes) $(pam_programs) $(unit_tests) $(system_tests)

# ---------------------------------------------------------------------------------------- build

.PHONY: all tests help deps check check-asan lint layers bench demo install uninstall dist clean
.PHONY: FORCE

ifneq ($(AS_OWNER),)
all tests dist clean:
	$(Q)$(AS_OWNER) $(MAKE) $@
else
all: $(everything)

tests: all $(test_programs)

dist:
	git archive --format=tar.gz --prefix=contain-$(VERSION)/ -o contain-$(VERSION).tar.gz HEAD

clean:
	rm -rf $(O) build-asan

# Written anew only when a flag changed, so that everything is then built anew.
flags := '$(subst ','\'',$(CC) $(compile) $(linking) $(sanitize) $(trap) $(static_cc) $(static_compile) $(BINDIR) $(PAMDIR))'
$(O)/flags: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)printf '%s\n' $(flags) | cmp -s - $@ || printf '%s\n' $(flags) >$@

$(O)/obj/%.o: %.c $(O)/flags
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC      $<")
	$(Q)$(CC) $(compile) $(sanitize) -fPIE $(extra) -MMD -MP -c -o $@ $<

$(O)/pic/%.o: %.c $(O)/flags
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC pic  $<")
	$(Q)$(CC) $(compile) $(sanitize) -fPIC $(extra) -MMD -MP -c -o $@ $<

$(O)/guest/%.o: %.c $(O)/flags
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC pic  $<")
	$(Q)$(CC) $(compile) $(trap) -fPIC -MMD -MP -c -o $@ $<

define archive
	$(if $(V),,@echo "  AR      $@")
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $(filter %.o,$^)
endef

$(O)/libcontain.a: $(call objects,$(lib_sources))
	$(archive)

# All of the programs but main(), for the generator of manuals and for tests.
$(O)/contain-exec.a: $(call objects,$(exec_sources))
	$(archive)

$(O)/containctl.a: $(call objects,$(ctl_sources))
	$(archive)

# The loadable parts once more as an archive, for tests that call into them.
$(O)/parts.a: $(call objects,$(netlink_sources) $(seccomp_sources) $(oci_sources))
	$(archive)

$(call objects,$(netlink_sources)) $(call pic_objects,$(netlink_sources)): \
	extra = $(call packages,--cflags,$(netlink_packages))
$(call objects,$(seccomp_sources)) $(call pic_objects,$(seccomp_sources)): \
	extra = $(call packages,--cflags,$(seccomp_packages))
$(call pic_objects,$(systemd_sources)): extra = $(call packages,--cflags,$(systemd_packages))
$(call pic_objects,$(nftables_sources)): extra = $(call packages,--cflags,$(nftables_packages))
$(call pic_objects,$(policy_sources)): extra = $(call packages,--cflags,$(policy_packages))
$(call pic_objects,$(archive_sources)): extra = $(call packages,--cflags,$(archive_packages))
$(call objects,$(oci_sources)) $(call pic_objects,$(oci_sources)): extra = $(call packages,--cflags,$(oci_packages))
$(call pic_objects,$(wtmpdb_sources)): extra = $(call packages,--cflags,$(wtmpdb_packages))

define link_program
	$(if $(V),,@echo "  LINK    $@")
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -pie $(linking) $(sanitize) -o $@ $(filter %.o %.a,$^) $(1)
endef

define link_loadable
	$(if $(V),,@echo "  LINK    $@")
	$(Q)$(CC) -shared $(linking) $(sanitize) -Wl,-z,defs -o $@ $(filter %.o,$^) $(1)
endef

$(O)/contain-exec: $(call objects,contain-exec/main.c) $(O)/contain-exec.a $(O)/libcontain.a
	$(call link_program,-lcap)

$(O)/containctl: $(call objects,containctl/main.c) $(O)/containctl.a $(O)/libcontain.a
	$(call link_program,-lcap)

$(O)/contain-session: $(call objects,$(session_sources)) $(O)/libcontain.a
	$(call link_program,-lcap)

$(O)/gen-man: $(call objects,contain-exec/gen_man.c) $(O)/contain-exec.a $(O)/libcontain.a
	$(call link_program,-lcap)

$(O)/contain-netlink.so: $(call pic_objects,$(netlink_sources) $(base_sources))
	$(call link_loadable,$(call packages,--libs,$(netlink_packages)))

$(O)/contain-seccomp.so: $(call pic_objects,$(seccomp_sources) $(base_sources))
	$(call link_loadable,$(call packages,--libs,$(seccomp_packages)))

$(O)/contain-systemd.so: $(call pic_objects,$(systemd_sources) $(base_sources))
	$(call link_loadable,$(call packages,--libs,$(systemd_packages)))

$(O)/contain-nftables.so: $(call pic_objects,$(nftables_sources) $(base_sources))
	$(call link_loadable,$(call packages,--libs,$(nftables_packages)))

$(O)/contain-policy.so: $(call pic_objects,$(policy_sources) $(base_sources))
	$(call link_loadable,$(call packages,--libs,$(policy_packages)))

$(O)/contain-archive.so: $(call pic_objects,$(archive_sources) $(base_sources))
	$(call link_loadable,$(call packages,--libs,$(archive_packages)))

# Its result is a record of an image.
$(O)/contain-oci.so: $(call pic_objects,$(oci_sources) lib/image/digest.c lib/image/record.c $(base_sources))
	$(call link_loadable,$(call packages,--libs,$(oci_packages)))

$(O)/contain-wtmpdb.so: $(call pic_objects,$(wtmpdb_sources) $(base_sources))
	$(call link_loadable,$(call packages,--libs,$(wtmpdb_packages)))

# The module runs inside sshd: libpam, libc and the part of the library that enters a jail, only.
# Nothing but pam_sm_* can be seen from outside, so that it stands in no other module's way.
enter_sources := $(wildcard lib/jail/enter*.c) $(addprefix lib/jail/,control_ask.c registry_read.c) \
	$(addprefix lib/policy/,exempt.c parse_rlimit.c) \
	$(addprefix lib/kernel/,caps.c rlimits.c seccomp_install.c)
$(O)/pam_contain.so: $(call guest_objects,$(module_sources) $(base_sources) $(enter_sources)) \
	pam_contain/exports.map
	$(call link_loadable,-lpam -Wl$(comma)--version-script=pam_contain/exports.map)
$(O)/pam_contain.so: sanitize = $(trap)

define compile_static
	$(if $(V),,@echo "  STATIC  $@")
	$(Q)mkdir -p $(@D)
	$(Q)$(static_cc) $(static_compile) $(1) -MMD -MP -MF $@.d -o $@ $<
endef

# Not readable for others, so that the kernel lets nobody in a container trace it: ptrace(2).
$(O)/contain-init: lib/init/contain-init.c $(O)/flags
	$(call compile_static,-Os)
	$(Q)chmod 0711 $@

$(O)/probe/%: tests/probe/%.c $(O)/flags
	$(call compile_static,-O1)

$(O)/seccomp/%.json: etc/seccomp/%.json
	$(Q)mkdir -p $(@D)
	$(Q)cp $< $@

$(O)/default.conf: etc/default.conf
	$(Q)cp $< $@

# What names where the rest is installed.
$(integration): $(O)/%: etc/%.in $(O)/flags
	$(Q)mkdir -p $(@D)
	$(Q)sed -e 's|@BINDIR@|$(BINDIR)|' -e 's|@PAMDIR@|$(PAMDIR)|' $< >$@

$(O)/%.1: contain-exec/%.1.in $(O)/gen-man
	$(Q)$(O)/gen-man <$< >$@

$(O)/%.5: containctl/%.5.in $(O)/gen-man
	$(Q)$(O)/gen-man <$< >$@

$(O)/%.8: pam_contain/%.8.in $(O)/gen-man
	$(Q)$(O)/gen-man <$< >$@

$(O)/%.8: containctl/%.8.in $(O)/gen-man
	$(Q)$(O)/gen-man <$< >$@

test_libraries = -Wl,--as-needed -lcmocka -lcap -lpam \
	$(call packages,--libs,$(netlink_packages) $(seccomp_packages))

$(call objects,$(unit_sources) $(system_sources)): \
	extra = $(call packages,--cflags,$(seccomp_packages) $(netlink_packages))

$(O)/unit/%: $(O)/obj/tests/unit/%.o $(O)/contain-exec.a $(O)/containctl.a $(O)/libcontain.a \
		$(O)/parts.a
	$(call link_program,$(O)/libcontain.a $(test_libraries))

# It stands in for the name service and for the helper's start, as the module calls them.
$(O)/unit/test_module: $(modules)
$(O)/unit/test_module: LDFLAGS += -rdynamic

$(O)/system/%: $(O)/obj/tests/system/%.o $(O)/contain-exec.a $(O)/libcontain.a $(O)/parts.a
	$(call link_program,$(O)/libcontain.a $(test_libraries))

# Applications, which know nothing of ours but what PAM tells them.
$(O)/pam/%: $(O)/guest/tests/pam/%.o
	$(call link_program,-lpam)
$(pam_programs): sanitize = $(trap)

.SECONDARY:
-include $(shell find $(O) -path $(O)/vm -prune -o -name '*.d' -print 2>/dev/null)
endif

# ---------------------------------------------------------------------------------------- tests

# As root, these see to the packages they need; nobody else can. What comes after is made by another
# make, because this one has asked for musl-gcc and pkg-config already.
ifeq ($(shell id -u),0)
check demo: deps
bench: deps-bench
endif
check demo bench:
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)$(MAKE) --no-print-directory $@-ready

.PHONY: check-vm test-files check-ready demo-ready bench-ready check-asan-ready
check-ready:
	$(Q)BUILD=$(abspath $(O)) tests/run tests/layers $(unit_tests) $(system_tests) \
		$(system_scripts) $(machine_scripts)

# The files that check runs, for tests/vm.
test-files:
	@printf '%s\n' tests/layers $(abspath $(unit_tests) $(system_tests)) $(system_scripts) \
		$(machine_scripts)

check-asan:
	$(Q)$(MAKE) --no-print-directory O=build-asan SAN=1 tests
	$(Q)$(MAKE) --no-print-directory O=build-asan SAN=1 check-asan-ready

# Not scale.sh: 500 supervisors with AddressSanitizer's shadow are too much for most machines.
check-asan-ready:
	$(Q)BUILD=$(abspath $(O)) CONTAIN_SANITIZED=1 tests/run $(unit_tests) $(system_tests) \
		$(filter-out %/scale.sh,$(system_scripts))

demo-ready:
	$(Q)BUILD=$(abspath $(O)) tests/demo/run

# On machines of their own; as root, which it needs, it installs what makes them.
RELEASE ?= bookworm
SUITE ?= short
ifeq ($(shell id -u),0)
check-vm: deps-vm
endif
check-vm:
	$(Q)O=$(abspath $(O)) SUITE=$(SUITE) tests/vm/run $(RELEASE)

lint: all
	$(Q)LINT_FLAGS='$(language)' BUILD=$(abspath $(O)) tests/run tests/lint

layers:
	$(Q)tests/layers

bench-ready:
	$(Q)BUILD=$(abspath $(O)) tests/bench/run

# --------------------------------------------------------------------------- packages, installing

build_debian := build-essential libpam0g-dev pkg-config libcap-dev libnl-3-dev libnl-route-3-dev \
	libseccomp-dev libjson-c-dev libsystemd-dev libnftables-dev libeconf-dev \
	libarchive-dev nettle-dev musl-tools
test_debian := libcmocka-dev busybox-static python3 iproute2 iputils-ping procps util-linux \
	uidmap libcap2-bin less vim-tiny git strace iperf3 nftables \
	passt dnsmasq-base skopeo docker-registry umoci openssl zstd mmdebstrap
lint_debian := clang-format clang-tidy cppcheck shellcheck mandoc
bench_debian := bubblewrap crun runc systemd-container podman
vm_debian := qemu-system-x86 mmdebstrap e2fsprogs openssh-client

build_fedora := gcc pam-devel make pkgconf-pkg-config libcap-devel libnl3-devel libseccomp-devel \
	json-c-devel systemd-devel nftables-devel libeconf-devel \
	libarchive-devel nettle-devel musl-gcc glibc-static
test_fedora := libcmocka-devel busybox python3 iproute iputils procps-ng util-linux shadow-utils \
	libcap less vim-minimal git-core strace iperf3 nftables \
	passt dnsmasq
lint_fedora := clang-tools-extra cppcheck ShellCheck mandoc

.PHONY: deps-lint deps-bench deps-vm packages-of-tests
deps: wanted = $(build_debian) $(test_debian)
deps-lint: wanted = $(build_debian) $(test_debian) $(lint_debian)
deps-bench: wanted = $(build_debian) $(test_debian) $(bench_debian)
deps deps-lint deps-bench:
	$(Q)tests/deps $(wanted) -- $(build_fedora) $(test_fedora) \
		$(if $(filter %-lint,$@),$(lint_fedora))
	$(Q)$(if $(filter deps deps-bench,$@),tests/host/packages && tests/images/debian)

deps-vm:
	$(Q)tests/deps $(vm_debian) -- qemu-system-x86 mmdebstrap e2fsprogs openssh-clients

# For tests/vm/image, whose machine has them.
packages-of-tests:
	@echo $(build_debian) $(test_debian)

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(PAMDIR) \
		$(addprefix $(DESTDIR)$(DATADIR)/,seccomp samples systemd pam-configs) \
		$(addprefix $(DESTDIR)$(MANDIR)/man,1 5 8)
	install -m 0755 $(programs) $(DESTDIR)$(BINDIR)
	install -m 0755 $(helpers) $(DESTDIR)$(LIBEXECDIR)
	install -m 0644 $(modules) $(DESTDIR)$(PAMDIR)
	install -m 0711 $(inside) $(DESTDIR)$(LIBEXECDIR)
	install -m 0644 $(parts) $(DESTDIR)$(LIBEXECDIR)
	install -m 0644 $(O)/seccomp/default.json $(O)/seccomp/image.json $(DESTDIR)$(DATADIR)/seccomp
	install -m 0644 $(O)/default.conf $(DESTDIR)$(DATADIR)
	install -m 0644 $(samples) $(DESTDIR)$(DATADIR)/samples
	install -m 0644 $(O)/systemd/user-manager.conf $(DESTDIR)$(DATADIR)/systemd
	install -m 0644 $(O)/pam-configs/contain $(DESTDIR)$(DATADIR)/pam-configs
	$(foreach section,1 5 8,install -m 0644 $(filter %.$(section),$(manuals)) \
		$(DESTDIR)$(MANDIR)/man$(section) &&) true

uninstall:
	rm -f $(addprefix $(DESTDIR)$(BINDIR)/,$(notdir $(programs)))
	rm -f $(foreach section,1 5 8,$(addprefix $(DESTDIR)$(MANDIR)/man$(section)/, \
		$(notdir $(filter %.$(section),$(manuals)))))
	rm -f $(addprefix $(DESTDIR)$(LIBEXECDIR)/,$(notdir $(helpers) $(inside) $(parts)))
	rm -f $(addprefix $(DESTDIR)$(PAMDIR)/,$(notdir $(modules)))
	rm -f $(patsubst $(O)/%,$(DESTDIR)$(DATADIR)/%,$(data) $(integration))
	rm -f $(patsubst etc/%,$(DESTDIR)$(DATADIR)/%,$(samples))
	-rmdir $(addprefix $(DESTDIR)$(DATADIR)/,seccomp samples systemd pam-configs) $(DESTDIR)$(DATADIR) \
		$(DESTDIR)$(LIBEXECDIR)

help:
	@echo 'make              build everything into build/'
	@echo 'make deps         install what building and testing need (Debian, Ubuntu); needs root'
	@echo 'make demo         install packages, build, show what it does; needs root'
	@echo 'make check        unit tests; as root the system tests too, and the packages they need'
	@echo 'make check-asan   the same, but scale.sh, with AddressSanitizer and UBSan'
	@echo 'make check-vm     tests on Debian machines with systemd, under qemu; needs root'
	@echo '                  RELEASE=$(RELEASE), trixie or all; SUITE=$(SUITE) or all'
	@echo 'make lint         clang-format, clang-tidy, cppcheck, shellcheck, mandoc, layers'
	@echo 'make bench        compare with bwrap, crun, runc, systemd-nspawn; needs root'
	@echo 'make install      DESTDIR= PREFIX=$(PREFIX)'
	@echo 'make uninstall, dist, clean, tests (build them only), layers'
