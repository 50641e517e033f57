#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# The test host without our module: the positive control of everything that is said about logins.
. "$(dirname "$0")/lib.sh"
. "$top/tests/host/host.sh"
host_start
host_install
remember_host

# -- the host itself
holds 'a user namespace can be made: this is no chroot' unshare --user true
expect 'nobody of the machine is there' 0 'alice bob carol dave erin nobody' \
	eval "awk -F: '\$3 >= 1000 { print \$1 }' /etc/passwd | sort | paste -sd ' '"
expect 'a jail can be made of it' 0 'alice:.*' contain-exec -- /bin/grep ^alice: /etc/passwd
refusal='session required pam_exec.so quiet /bin/false'
pam_enable "$refusal"
for file in /etc/pam.d/common-session /etc/pam.d/common-session-noninteractive; do
	expect "a module can be the last of ${file##*/}" 0 "$refusal" pam_last_line "$file"
done
run ssh_as alice true
holds 'a session that is refused is none: ssh' [ "$status" -eq 254 ]
expect 'a session that is refused is none: su' 1 '' su alice -c true
expect 'a session that is refused is none: sudo' 1 '' sudo -u alice true
pam_disable
expect 'without the module all is as before' 0 alice ssh_as alice id -un

# -- all ways to log in; erin and frank in one at a time
add_user frank 1006
in_parallel \
	'check_ssh_exit_codes alice; check_ssh_streams alice; check_ssh_ids alice; check_ssh_ids dave
	check_ssh_environment alice' \
	'check_ssh_terminal bob; check_ssh_job_control bob; check_ssh_records erin; check_ssh_rc erin' \
	'check_ssh_methods carol; check_ssh_channels carol; check_ssh_agent carol
	check_ssh_forced_command carol; check_ssh_left carol stays; check_ssh_tmux carol' \
	'check_sftp alice; check_sftp_internal alice; check_scp alice' \
	'check_rsync dave; check_git dave; check_ssh_much_data dave 100' \
	'check_forward_local bob; check_forward_remote bob; check_forward_only bob
	check_reaches_host bob yes' \
	'check_su alice; check_su_terminal alice; check_su_from bob alice; check_sudo dave
	check_sudo_from bob dave' \
	'check_login carol; check_login_records frank
	check_cron alice; check_cron dave; check_at alice; check_at dave'

nobody_left 'no process is left of all these logins'
host_stop
nothing_left 'nothing is left of all these logins'
finish
