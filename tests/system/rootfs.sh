# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Makes a root file system from Debian's busybox-static and the programs of tests/probe:
#
#	make_rootfs DIR

make_rootfs() {
	local root=$1 busybox applet
	busybox=$(command -v busybox)
	mkdir -p "$root"/{bin,dev,etc,home/alice,mnt,proc,probe,root,run,sys,usr/bin,var/tmp}
	mkdir -p "$root/tmp"
	chmod 01777 "$root/tmp" "$root/var/tmp"
	chmod 0700 "$root/root"
	cp "$busybox" "$root/bin/busybox"
	while IFS= read -r applet; do
		[ -e "$root/bin/$applet" ] || ln -s busybox "$root/bin/$applet"
	done < <("$busybox" --list)
	find "$BUILD/probe" -maxdepth 1 -type f -perm -0100 -exec cp -t "$root/probe" {} +
	cat >"$root/etc/passwd" <<-'END'
		root:x:0:0:root:/root:/bin/sh
		daemon:x:1:1:daemon:/:/bin/false
		alice:x:1000:1000:Alice:/home/alice:/bin/sh
		bob:x:1001:1001:Bob:/home/bob:/bin/sh
		1000:x:4242:4242:a name that is a number:/:/bin/sh
		nobody:x:65534:65534:nobody:/:/bin/false
	END
	cat >"$root/etc/group" <<-'END'
		root:x:0:
		alice:x:1000:
		bob:x:1001:
		lab:x:2000:alice
		printers:x:2001:alice,bob
		nogroup:x:65534:
	END
	chown -R 1000:1000 "$root/home/alice"
	printf 'not a program\n' >"$root/bin/not-executable"
	# A program for no machine that there is.
	printf '\177ELF\002\001\001\0\0\0\0\0\0\0\0\0\002\0\377\377%0100d' 0 >"$root/bin/garbage"
	chmod 0755 "$root/bin/garbage"
}
