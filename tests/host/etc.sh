# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# /etc of the test host, where packages leave it to their scripts or to the administrator.
#
#	pam_enable LINE		the line becomes the last of common-session and
#				common-session-noninteractive, where an administrator puts one
#	pam_disable		and is taken out of them again
#	sudoers_add LINE
#	sshd_config_add LINE...	before what Debian says, so these count; then sshd_restart

# Debian's pam-auth-update makes these from the same templates; here for pam_unix alone.
# shellcheck disable=SC2016 # the templates' variables
host_pam_common() {
	local name
	for name in account auth password session session-noninteractive; do
		sed -E \
			-e 's|^\$account_primary|account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so|' \
			-e 's|^\$auth_primary|auth [success=1 default=ignore] pam_unix.so nullok|' \
			-e 's|^\$password_primary|password [success=1 default=ignore] pam_unix.so obscure yescrypt|' \
			-e 's|^\$session(_nonint)?_primary|session [default=1] pam_permit.so|' \
			-e 's|^\$session(_nonint)?_additional|session required pam_unix.so|' \
			-e '/^\$/d' "/usr/share/pam/common-$name" >"/etc/pam.d/common-$name"
	done
}

# Where the kernel lets nobody change a login uid (auditctl --loginuid-immutable), that of whoever
# runs the tests stays, and pam_loginuid would refuse every login.
host_pam_loginuid() {
	loginuid_works=yes
	if ! (echo 4711 >/proc/self/loginuid) 2>/dev/null; then
		loginuid_works=
		sed -i 's/required\(.*pam_loginuid\)/optional\1/' /etc/pam.d/*
	fi
}

host_pam() {
	host_pam_common
	host_pam_loginuid
}

pam_last_line() {
	grep -vE '^[[:space:]]*(#|$)' "$1" | tail -n 1
}

pam_enable() {
	local file
	pam_disable
	for file in /etc/pam.d/common-session /etc/pam.d/common-session-noninteractive; do
		cp "$file" "$file.without"
		printf '%s\n' "$1" >>"$file"
		[ "$(pam_last_line "$file")" = "$1" ] || {
			not_ok "$1 is the last line of $file" "$(cat "$file")"
			return 1
		}
	done
}

pam_disable() {
	local file
	for file in /etc/pam.d/common-session /etc/pam.d/common-session-noninteractive; do
		[ ! -e "$file.without" ] || mv "$file.without" "$file"
	done
}

sudoers_add() {
	printf '%s\n' "$1" >>/etc/sudoers.d/test
	chmod 0440 /etc/sudoers.d/test
	visudo --check --quiet
}

sshd_config_add() {
	printf '%s\n' "$@" >>/etc/ssh/sshd_config.d/test.conf
	/usr/sbin/sshd -t
}

# The key of everybody on the host, and the host's own; and the key exchange that costs least.
host_keys() {
	mkdir -m 0700 /root/.ssh
	mkdir -p /etc/ssh/sshd_config.d /etc/ssh/ssh_config.d /run/sshd
	ssh-keygen -q -t ed25519 -N '' -C everybody -f /root/.ssh/id_ed25519
	ssh-keygen -q -t ed25519 -N '' -C "$host_name" -f /etc/ssh/ssh_host_ed25519_key
	printf '%s %s\n' "$host_name,127.0.0.1" "$(cat /etc/ssh/ssh_host_ed25519_key.pub)" \
		>/root/.ssh/known_hosts
	cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys
	cat >/root/.ssh/config <<-END
		Host *
			Hostname 127.0.0.1
			BatchMode yes
			StrictHostKeyChecking yes
			UpdateHostKeys no
			ConnectTimeout $((10 * slow))
			LogLevel ERROR
			KexAlgorithms curve25519-sha256
	END
}

host_sshd_config() {
	cp /usr/share/openssh/sshd_config /etc/ssh/sshd_config
	sshd_config_add 'ListenAddress 127.0.0.1' 'HostKey /etc/ssh/ssh_host_ed25519_key' \
		'MaxStartups 100'
	# OpenSSH 9.8 and later would lock the tests out after a few refusals.
	! /usr/sbin/sshd -t -o 'PerSourcePenalties no' 2>/dev/null ||
		sshd_config_add 'PerSourcePenalties no'
}

host_names() {
	hostname "$host_name"
	echo "$host_name" >/etc/hostname
	printf '127.0.0.1 localhost %s\n::1 localhost\n' "$host_name" >/etc/hosts
	rm -f /etc/resolv.conf
	: >/etc/resolv.conf
	cat >/etc/nsswitch.conf <<-'END'
		passwd: files
		group: files
		shadow: files
		gshadow: files
		hosts: files dns
		services: files
		protocols: files
	END
}

host_etc() {
	cp /usr/share/base-files/profile /etc/profile
	cp /usr/share/base-files/motd /etc/motd
	echo 'LANG=C.UTF-8' >/etc/default/locale
	: >/etc/environment
	rm -f /etc/ld.so.preload /etc/nologin /etc/cron.allow /etc/cron.deny /etc/at.allow /etc/sudo.conf
	: >/etc/crontab
	install -d -m 01777 /var/tmp
	install -d -m 02775 -g mail /var/mail
	mkdir -p /var/log
	install -m 0664 -g utmp /dev/null /run/utmp
	install -m 0664 -g utmp /dev/null /var/log/wtmp
	install -m 0660 -g utmp /dev/null /var/log/btmp
	install -m 0664 -g utmp /dev/null /var/log/lastlog
	[ -e /var/run ] || ln -s /run /var/run
	[ -e /var/spool/mail ] || ln -s ../mail /var/spool/mail
}
