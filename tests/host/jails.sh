# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Logins into jails, on the test host: what a test says after host_start and host_install.
#
#	jails_arguments		a variable: what the module's line ends with
#	jails_on		the module's line at the end of every service's own file, where it
#				belongs
#	jails_on_common		at the end of common-session and -noninteractive, after which
#				Debian's sshd and login have a few modules more
#	jails_off
#	is_running PATTERN	alice runs a program of that name
#	policy FILE		what follows on stdin becomes /etc/contain/FILE: "users/alice.conf"
#	supervisor_of NAME	of the living jail NAME ("user-1001"): its pid; nothing if there is none
#	init_of NAME		its PID 1, as the host numbers it
#	jail_is_gone NAME, jail_is_there NAME
#	namespaces_of PID	one a line, sorted: "mnt:[4026531841]"
#	no_jails		wait until every jail has ended, at most 10 s
#	number_told TEXT	the number in what a refused person reads
#	is_refused NAME WHY COMMAND...	the login fails, the person reads one line with a number, and the
#				log says WHY (a regular expression) under that number

jails_module=/usr/local/lib/security/pam_contain.so
jails_arguments=

jails_services=(sshd login su sudo sudo-i cron atd runuser)

jails_on() {
	local service
	jails_off
	jails_programs
	for service in "${jails_services[@]}"; do
		cp "/etc/pam.d/$service" "/etc/pam.d/$service.without"
		printf 'session required %s\n' "$jails_module $jails_arguments" >>"/etc/pam.d/$service"
	done
}

jails_on_common() {
	jails_off
	jails_programs
	pam_enable "session required $jails_module $jails_arguments"
	cp /etc/pam.d/runuser /etc/pam.d/runuser.without
	# Debian's runuser, which only root can use, does not include the common stack.
	printf 'session required %s\n' "$jails_module $jails_arguments" >>/etc/pam.d/runuser
}

jails_off() {
	local service
	pam_disable
	for service in "${jails_services[@]}"; do
		[ ! -e "/etc/pam.d/$service.without" ] || mv "/etc/pam.d/$service.without" "/etc/pam.d/$service"
	done
}

is_running() {
	pgrep -u alice -x "$1" >/dev/null
}

policy() {
	mkdir -p /etc/contain/{users,groups}
	cat >"/etc/contain/$1"
}

supervisor_of() {
	local record=/run/contain/jails/$1 pid
	[ -e "$record" ] || return 0
	pid=$(sed -n 's/^supervisor //p' "$record")
	[ ! -d "/proc/$pid" ] || echo "$pid"
}

init_of() {
	local supervisor
	supervisor=$(supervisor_of "$1")
	[ -z "$supervisor" ] || pgrep -P "$supervisor" -x contain-init
}

jail_is_there() {
	[ -n "$(init_of "$1")" ]
}

jail_is_gone() {
	[ ! -e "/run/contain/jails/$1" ]
}

no_jail_is_there() {
	[ -z "$(ls /run/contain/jails 2>/dev/null)" ] && ! pgrep -x contain-init >/dev/null &&
		! pgrep -x contain-session >/dev/null
}

no_jails() {
	true_within 10 no_jail_is_there
}

namespaces_of() {
	local kind
	for kind in cgroup ipc mnt net pid user uts; do
		readlink "/proc/$1/ns/$kind"
	done
}

# For sessions: what namespaces they are in, as a program that needs no quoting.
jails_programs() {
	cat >/usr/local/bin/own-namespaces <<-'END'
		#!/bin/sh
		for kind in cgroup ipc mnt net pid user uts; do
			readlink "/proc/self/ns/$kind"
		done
	END
	chmod 0755 /usr/local/bin/own-namespaces
}

number_told() {
	grep -oE '\b[0-9a-f]{8}\b' <<<"$1" | head -n 1
}

is_refused() {
	local name=$1 why=$2 number
	shift 2
	run "$@"
	number=$(number_told "$out$err")
	if [ "$status" -ne 0 ] && [[ $out != *inside-or-outside* ]] && [ -n "$number" ] &&
		logged "$number: .*$why"; then
		ok "$name"
	else
		not_ok "$name" "$(shown)" "expected in the log: ${number:-NUMBER}: .*$why" \
			"$(tail -n 5 /var/log/syslog)" "command: $*"
	fi
}

# programs_root DIR PROGRAM...: a root file system of this machine's PROGRAMs and what they load. One
# that is a path is there under the same.
programs_root() {
	local root=$1 program library place
	shift
	mkdir -p "$root"/{dev,etc,home,proc,run,sys,var/log,usr/bin,usr/lib,usr/lib64}
	install -d -m 01777 "$root/tmp" "$root/var/tmp"
	ln -s usr/bin "$root/bin"
	ln -s usr/lib "$root/lib"
	ln -s usr/lib64 "$root/lib64"
	for program; do
		place=$root/usr/bin/$program
		[[ $program != /* ]] || place=$root$program
		program=$(type -P "$program")
		mkdir -p "${place%/*}"
		cp -L "$program" "$place"
		for library in $(ldd "$program" | grep -oE '/[^ ]+'); do
			mkdir -p "$root${library%/*}"
			[ -e "$root$library" ] || cp -L "$library" "$root$library"
		done
	done
	printf 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n' >"$root/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
}

# literally TEXT: the regular expression that matches it and nothing else.
literally() {
	# shellcheck disable=SC2001 # a bracket expression and a group
	sed 's/[][()*.^$+?{}|\\]/\\&/g' <<<"$1"
}
