# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What holds for files that travel over ssh, whether logins are confined or not.
#
#	check_sftp USER			by sftp-server
#	check_sftp_internal USER	by sshd itself
#	check_scp USER			by both protocols
#	check_rsync USER
#	check_git USER
# shellcheck disable=SC2016 # what stands in single quotes is for the shell at the other end

# A file that is not small, in $SCRATCH/file.
make_file() {
	[ -e "$SCRATCH/file" ] || head -c 2000000 /dev/urandom >"$SCRATCH/file"
	chmod 0640 "$SCRATCH/file"
}

# sftp_all_of NAME USER [OPTION...]: all that a client can ask for.
sftp_all_of() {
	local name=$1 user=$2
	shift 2
	make_file
	rm -f "$SCRATCH/file.back"
	run eval "sftp_as '$user' $* <<-END
		mkdir sftp.d
		put -p $SCRATCH/file sftp.d/one
		rename sftp.d/one sftp.d/two
		chmod 600 sftp.d/two
		ln -s two sftp.d/link
		ls -l sftp.d
		get sftp.d/link $SCRATCH/file.back
		df .
		rm sftp.d/link
		rm sftp.d/two
		rmdir sftp.d
		-ls sftp.d
	END"
	if [ "$status" -eq 0 ] && cmp -s "$SCRATCH/file" "$SCRATCH/file.back" &&
		[[ $out == *-rw-------*" $user "*" 2000000 "*sftp.d/two* ]]; then
		ok "$name $user: files are put, renamed, linked, listed, got and removed"
	else
		not_ok "$name $user: files are put, renamed, linked, listed, got and removed" "$(shown)"
	fi
	expect "$name $user: what may not be read is refused" 1 '.*' \
		eval "echo 'get /etc/shadow $SCRATCH/shadow' | sftp_as '$user' $*"
	holds "$name $user: and why is said" eval "[[ \$err == *'Permission denied'* ]]"
}

check_sftp() {
	sftp_all_of sftp "$1"
}

check_sftp_internal() {
	local log_begin
	log_mark
	other_sshd 'ForceCommand internal-sftp -l INFO'
	sftp_all_of internal-sftp "$1" -P "$other_port"
	holds "internal-sftp $1: it logs" logged "internal-sftp\[[0-9]+\]: .*open \"/home/$1/sftp.d/one\""
	other_sshd_stop
}

check_scp() {
	local user=$1 mode place
	make_file
	mkdir -p "$SCRATCH/scp/sub dir"
	cp -p "$SCRATCH/file" "$SCRATCH/scp/sub dir/file"
	for mode in -O -s; do
		rm -rf "$SCRATCH/scp.back"
		place=$user@$host_name:scp$mode
		run scp_here "$mode" -pr "$SCRATCH/scp" "$place"
		run scp_here "$mode" -pr "$place" "$SCRATCH/scp.back"
		holds "scp $mode $user: a directory goes there and comes back with its modes" eval \
			"[ '$status' -eq 0 ] && diff -r '$SCRATCH/scp' '$SCRATCH/scp.back' &&
			[ \"\$(stat -c '%a %Y' '$SCRATCH/scp.back/sub dir/file')\" = \
			'$(stat -c '640 %Y' "$SCRATCH/file")' ]"
		expect "scp $mode $user: a file that is not there is an error" 1 '' \
			scp_here "$mode" "$user@$host_name:not-there" "$SCRATCH/not-there"
		ssh_as "$user" "rm -r ./scp$mode"
	done
}

check_rsync() {
	local user=$1 place=$1@$host_name:rsync.d/
	make_file
	mkdir -p "$SCRATCH/rsync/sub"
	cp -p "$SCRATCH/file" "$SCRATCH/rsync/sub/"
	ln -s file "$SCRATCH/rsync/sub/link"
	holds "rsync $user: a tree goes there" rsync_here -a "$SCRATCH/rsync/" "$place"
	expect "rsync $user: the second time nothing is to be done" 0 '' \
		rsync_here -ai --no-owner --no-group "$SCRATCH/rsync/" "$place"
	echo more >>"$SCRATCH/rsync/sub/file"
	touch "$SCRATCH/rsync/new"
	rm "$SCRATCH/rsync/sub/link"
	expect "rsync $user: what has changed goes there, what is gone is deleted" 0 \
		'.*<f[^\n]*new.*' \
		rsync_here -ai --no-owner --no-group --delete "$SCRATCH/rsync/" "$place"
	run rsync_here -a "$place" "$SCRATCH/rsync.back/"
	holds "rsync $user: and comes back" diff -r "$SCRATCH/rsync" "$SCRATCH/rsync.back"
	ssh_as "$user" 'rm -r rsync.d'
}

check_git() {
	local user=$1 place=$1@$host_name:repository.git work=$SCRATCH/work
	ssh_as "$user" 'git init -q --bare repository.git'
	git init -q "$work" 2>/dev/null
	make_file
	cp "$SCRATCH/file" "$work/file"
	git -C "$work" add file
	git -C "$work" -c user.name=t -c user.email=t@example.org commit -q -m one
	holds "git $user: push" git_here -C "$work" push -q "$place" HEAD:refs/heads/main
	holds "git $user: clone" git_here clone -q -b main "$place" "$SCRATCH/clone"
	holds "git $user: the clone has the file" cmp "$SCRATCH/file" "$SCRATCH/clone/file"
	ssh_as "$user" 'rm -rf repository.git'
}
