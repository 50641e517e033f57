#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# What bad input gets: one line on stderr that names what is wrong, the right exit code, and nothing
# left behind. Next to each group of bad values stand good ones, which must work.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"
remember_host

# What a call was, on one short line, for the test's name.
shorten() {
	local text
	printf -v text '%q ' "$@"
	text=${text//$SCRATCH/...}
	printf '%s' "${text:0:90}"
}

# bad REGEX OPTION...: exit code 125, one line that matches REGEX, nothing left.
bad() {
	local pattern=$1 name
	shift
	name=$(shorten "$@")
	refuses "refused: $name" 125 "$pattern" jail "$@" -- /bin/true
	host_is_as_before || nothing_left "nothing is left of: $name"
}

# good OPTION...: works.
good() {
	expect "accepted: $(shorten "$@")" 0 'in' jail "$@" -- /bin/echo in
}

# -- the command line itself
bad '--no-such-option' --no-such-option
bad '--memroy.*--memory' --memroy 64M
bad '--hostnam.*--hostname' --hostnam=x
bad '-Z' -Z
refuses 'refused: no command' 125 'command' "$CE" --rootfs "$ROOT"
refuses 'refused: an option without its value' 125 '--memory' "$CE" --memory
refuses 'refused: an empty command' 127 '.' jail ''
for option in --help --version; do
	run "$CE" "$option"
	holds "accepted: $option, on stdout" [ "$status" -eq 0 -a -n "$out" -a -z "$err" ]
done

# -- memory
for value in 0 -1 64MM 1e9 18446744073709551616 18446744073709551615 99999999999G 4K '' ' 64M' \
	'64 M' 0x4000000 M 64m64 +64M 64.5.1M ∞; do
	bad '--memory' --memory "$value"
done
for value in 64M 1G 65536K 64MB 64MiB 67108864; do
	good --memory "$value"
done
bad '--swap' --memory 64M --swap -1
bad '--memory' --memory-limit 64MM

# -- processor
cores=$(nproc --all)
for value in 5-2 "$((cores + 100))" 4294967295 0-4294967295 0- -1 '' a 0-1:2 0,,1 ' 0'; do
	bad '--cpu-core-ids' --cpu-core-ids "$value"
done
good --cpu-core-ids 0
good --cpu-coreids 0-0
for value in 0 -5 abc 50000us 18446744073709551616 ''; do
	bad '--cpu' --cpu "$value"
done
for value in 0 -1 nan inf 1e3 '' 0.00001; do
	bad '--cpus' --cpus "$value"
done
good --cpu 50000
good --cpus 0.5
for value in 0 10001 -1 x; do
	bad '--cpu-weight' --cpu-weight "$value"
done
for value in 0 -1 x 1K1 18446744073709551616; do
	bad '--pids' --pids "$value"
done
good --pids 20
for value in nonsense=1 as as= as=64MM nofile=50:40 nofile=-1 =5; do
	bad '--rlimit' --rlimit "$value"
done
good --rlimit as=1G --rlimit nofile=100:200
for value in nonsense /dev/null:rbps=1M 254:0 254:0:rbps 254:0:rbps=0 254:0:speed=1M; do
	bad '--io-max' --io-max "$value"
done

# -- network
for value in 10.0.0.2/33 10.0.0.0/24 10.0.0.255/24 1.2.3/24 010.0.0.2/24 10.0.0.2/-1 10.0.0.2/ \
	10.0.0.2/024 fd00::2/129 fd00::/64 fd00::2%lo/64 127.0.0.2/8 224.0.0.5/24 0.0.0.0/0 '' x; do
	bad '--network-address' --network-address "$value"
done
ip link add lab0 type bridge
ip address add 10.0.0.1/24 dev lab0
ip link set lab0 up
remember_host
good --bridge lab0 --network-address 10.0.0.2/24
bad 'nobridge' --bridge nobridge --network-address 10.0.0.2/24
bad '--bridge' --bridge a-name-that-is-too-long --network-address 10.0.0.2/24
bad '--bridge' --bridge 'a/b' --network-address 10.0.0.2/24
bad '--network' --network nonsense
bad '--network' --network none --network-address 10.0.0.2/24

# -- root
refuses_root() {
	local name=$1 pattern=$2
	shift 2
	refuses "refused: $name" 125 "$pattern" "$CE" "$@" -- /bin/true
	host_is_as_before || nothing_left "nothing is left of: $name"
}
touch "$SCRATCH/file"
ln -s nowhere "$SCRATCH/dangling"
ln -s loop "$SCRATCH/loop"
mkfifo "$SCRATCH/fifo"
refuses_root 'a root that is missing' "$SCRATCH/missing" --rootfs "$SCRATCH/missing"
refuses_root 'a root that is a file' "$SCRATCH/file" --rootfs "$SCRATCH/file"
refuses_root 'a root that is a dangling link' "$SCRATCH/dangling" --rootfs "$SCRATCH/dangling"
refuses_root 'a root that is a link to itself' "$SCRATCH/loop" --rootfs "$SCRATCH/loop"
refuses_root 'a root that is a FIFO' "$SCRATCH/fifo" --rootfs "$SCRATCH/fifo"
refuses_root 'a root without a name' '--rootfs' --rootfs ''
good --chroot "$ROOT"
mkdir -p "$SCRATCH/home/u"
chown -R 1000:1000 "$SCRATCH/home/u"
cp -a "$ROOT" "$SCRATCH/home/u/root"
expect 'accepted: a root in the home of a user' 0 in \
	"$CE" --rootfs "$SCRATCH/home/u/root" /bin/echo in

# A root whose place for a mount is not the directory that it should be. The place may be covered
# or refused; what it points to must stay as it is.
cp -a "$ROOT" "$SCRATCH/odd"
mkdir "$SCRATCH/canary"
for place in proc dev sys; do
	rmdir "$SCRATCH/odd/$place"
	ln -s ../canary "$SCRATCH/odd/$place"
	refuses_root "a root whose /$place is a symlink" "/$place" --rootfs "$SCRATCH/odd"
	rm "$SCRATCH/odd/$place"
	ln -s /tmp "$SCRATCH/odd/$place"
	refuses_root "a root whose /$place is a symlink to a place in it" "/$place" --rootfs "$SCRATCH/odd"
	rm "$SCRATCH/odd/$place"
	touch "$SCRATCH/odd/$place"
	refuses_root "a root whose /$place is a file" "/$place" --rootfs "$SCRATCH/odd"
	rm "$SCRATCH/odd/$place"
	mkfifo "$SCRATCH/odd/$place"
	refuses_root "a root whose /$place is a FIFO" "/$place" --rootfs "$SCRATCH/odd"
	rm "$SCRATCH/odd/$place"
	mkdir "$SCRATCH/odd/$place"
	expect "accepted: a root whose /$place is a directory" 0 in \
		"$CE" --rootfs "$SCRATCH/odd" /bin/echo in
done
holds 'nothing was made where the symlinks point' [ -z "$(ls -A "$SCRATCH/canary")" ]

# -- volumes, overlays, tmpfs
mkdir -p "$SCRATCH/home/u/share" "$SCRATCH/data"
ln -s /etc "$SCRATCH/home/u/link"
chown -h 1000:1000 "$SCRATCH/home/u/link"
bad '/no/such/source' --volume /no/such/source:/mnt
bad 'link' --volume "$SCRATCH/home/u/link:/mnt"
bad 'link' --volume "$SCRATCH/home/u/link/passwd:/mnt/passwd"
good --volume "$SCRATCH/home/u/share:/mnt"
good --bind "$SCRATCH/data:/mnt:ro"
bad '--volume' --volume "$SCRATCH/data"
bad '--volume' --volume "$SCRATCH/data:"
bad '--volume' --volume "$SCRATCH/data:relative"
bad '--volume' --volume "$SCRATCH/data:/mnt:rx"
bad '--volume' --volume ":/mnt"
for place in /proc /proc/sys /sys /sys/kernel /dev / /proc/self/attr; do
	bad "(--volume|$place)" --volume "$SCRATCH/data:$place"
done
bad '--tmpfs' --tmpfs relative
bad '--tmpfs' --tmpfs /mnt:size=64MM
bad '--tmpfs' --tmpfs /mnt:size=0
bad '--tmpfs' --tmpfs /mnt:colour=blue
good --tmpfs /mnt:size=1M
bad "$SCRATCH/missing" --overlay "$SCRATCH/missing"
bad "$SCRATCH/file" --overlay "$SCRATCH/file"
bad '--workdir' --workdir relative
bad '/no/such/directory' --workdir /no/such/directory

# -- identity
for value in nosuch -1 +1 0x10 01x 4294967295 4294967296 18446744073709551616 ' 1' '1 ' 1: :1 : '' \
	1:4294967295 $'root\n' '#0' alice:nosuch 1:1:1; do
	bad '--user' --user "$value"
done
good --user alice
good --user 1000:2000
for value in a/b . .. '' $'new\nline' -x "$(printf '%0300d' 0)" 'sp ace' 'é'; do
	bad '--name' --name "$value"
	[ "$value" = '' ] || bad '--hostname' --hostname "$value"
done
good --name web-1 --hostname web-1
bad '--cap-add' --cap-add no_such_capability
bad '--cap-drop' --cap-drop no_such_capability
good --cap-add net_raw --cap-drop CAP_CHOWN
bad '--env' --env =x
bad '/no/such/file' --env-file /no/such/file
bad "$SCRATCH" --env-file "$SCRATCH"
printf 'not a line\n' >"$SCRATCH/env"
bad 'env:1' --env-file "$SCRATCH/env"
bad '/no/such/profile' --seccomp /no/such/profile
printf '{ "defaultAction": ' >"$SCRATCH/broken.json"
bad 'broken\.json' --seccomp "$SCRATCH/broken.json"
printf '{ "defaultAction": "SCMP_ACT_NONSENSE" }' >"$SCRATCH/nonsense.json"
bad 'nonsense\.json' --seccomp "$SCRATCH/nonsense.json"
bad '--userns' --userns nonsense

# -- running
bad '--status-fd' --status-fd 99
bad '--status-fd' --status-fd -1
bad '--status-fd' --status-fd x
bad '--tty' --tty maybe
for value in 0 -1 x 1e9 18446744073709551616; do
	bad '--timeout' --timeout "$value"
done
bad '--stats' --stats=xml

# -- what is wrong with the caller and not with its options
for closed in 0 1 2; do
	sh -c "'$CE' --rootfs '$ROOT' /bin/sh -c 'exit 6' $closed>&-"
	holds "descriptor $closed is closed: the command runs" [ $? -eq 6 ]
done
sh -c "'$CE' --rootfs '$ROOT' --memory 64M /bin/sh -c 'exit 6' 0<&- 1>&- 2>&-"
holds 'all three are closed: the command runs' [ $? -eq 6 ]
sh -c "'$CE' --rootfs '$SCRATCH/missing' true 0<&- 1>&- 2>&-"
holds 'all three are closed: a failure is one' [ $? -eq 125 ]
run "$PROBE/noargs" "$CE"
holds 'argc == 0: refused' [ "$status" -eq 125 ]
run "$PROBE/noargs" /bin/true
holds 'argc == 0: the control runs' [ "$status" -eq 0 ]
nothing_left 'nothing is left of all these calls'
finish
