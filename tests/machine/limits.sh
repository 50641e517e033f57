#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# Limits through systemd: which unit has them, that programs run into them, that systemd's own
# commands know them, and that nothing of them stays. What each limit does to a program in a folder
# that we make ourselves is in tests/system/limits.sh.
# The group of who runs the tests may be delegated; there systemd is not asked.
if [ -z "${CONTAIN_TEST_SCOPE:-}" ]; then
	export CONTAIN_TEST_SCOPE=1
	exec systemd-run --quiet --scope --collect "$0"
fi
# shellcheck source=tests/machine/lib.sh
. "$(dirname "$0")/lib.sh"
machine_start
remember_host

groups=/sys/fs/cgroup
scope=$groups/system.slice/contain-lim.scope
slice=$groups/user.slice/user-1001.slice
control=/run/systemd/system.control
disk=$(stat -c '%Hr:%Lr' "$(findmnt -n -o SOURCE /)")
CE=/usr/local/bin/contain-exec
probe=(--volume "$BUILD/probe:/mnt:ro")

group_of() {
	sed -n 's/^0:://p' "/proc/$1/cgroup"
}

between() {
	[ "$2" -ge "$1" ] && [ "$2" -le "$3" ]
}

matches() {
	[[ $1 =~ ^($2)$ ]]
}

unit_is_gone() {
	! systemctl list-units --all --plain --no-legend "$1" | grep -q .
}

# What systemd says of properties of a unit, in one line.
shows() {
	local unit=$1 property values=()
	shift
	for property; do
		values+=("$(systemctl show --value -p "$property" "$unit")")
	done
	echo "${values[*]}"
}

# -- a command's scope
"$CE" --name lim --memory 64M --swap 0 --pids 20 --cpu 50000 --cpu-weight 50 --cpu-core-ids 0 \
	--io-max "$disk:wbps=4M" -- sleep 4712 &
lim=$!
holds 'exec: its scope is there' within 20 pgrep -f '^sleep 4712'
expect 'exec: systemctl show has every limit' 0 '67108864 0 500ms 50 21 0' \
	shows contain-lim.scope MemoryMax MemorySwapMax CPUQuotaPerSecUSec CPUWeight TasksMax AllowedCPUs
expect 'exec: so has the kernel' 0 $'67108864\n50000 100000\n0\n'"$disk rbps=max wbps=4194304 riops=max wiops=max" \
	cat "$scope"/{memory.max,cpu.max,cpuset.cpus,io.max}
holds 'exec: the command is in the scope' \
	grep -qx '0::/system.slice/contain-lim.scope/contain-lim' "/proc/$(pgrep -f '^sleep 4712')/cgroup"
holds 'exec: contain-exec is not, and the limits are the command'"'"'s alone' [ \
	"$(group_of "$lim")" = "$(group_of $$)" ]
holds 'exec: init and the command are in the folder that it may see' [ "$(wc -l <"$scope/contain-lim/cgroup.procs")" -eq 2 ]
holds 'exec: beside it is what holds the scope, and no library' fails grep -q libsystemd "/proc/$(cat "$scope/cgroup.procs")/maps"
expect 'exec: systemctl status shows the command' 0 '.*contain-lim\.scope.*sleep 4712.*' \
	systemctl status --no-pager contain-lim.scope
run systemctl set-property --runtime contain-lim.scope MemoryMax=80M
holds 'exec: systemctl set-property changes a limit' true_within 5 grep -qx 83886080 "$scope/memory.max"
run systemctl daemon-reload
holds 'exec: daemon-reload leaves the limits alone' grep -qx 83886080 "$scope/memory.max"
run systemctl stop contain-lim.scope
wait "$lim"
code=$?
holds "exec: systemctl stop ends the command (code $code)" [ "$code" -ge 128 ]
holds 'exec: the scope is gone' within 10 unit_is_gone contain-lim.scope

# -- what programs make of them
expect 'memory: 32 MiB fit into 64M' 0 'allocated 32 MiB' \
	"$CE" --memory 64M "${probe[@]}" -- /mnt/load memory 32
refuses 'memory: 200 MiB under 64M are killed, and the message says by which limit' 137 '--memory' \
	"$CE" --memory 64M "${probe[@]}" -- /mnt/load memory 200
expect 'pids: 18 of 100 children under 20: init and the program count' 0 18 \
	"$CE" --pids 20 "${probe[@]}" -- /mnt/load tasks 100
expect 'pids: 100 of 100 children under 200' 0 100 "$CE" --pids 200 "${probe[@]}" -- /mnt/load tasks 100
run "$CE" --cpu 50000 "${probe[@]}" -- /mnt/load spin 2000
slow=$out
run "$CE" "${probe[@]}" -- /mnt/load spin 2000
holds "cpu: 2 s of spinning under --cpu 50000 get 1 s at the most (got ${slow:-none}, $out without)" \
	between 400 "${slow:-0}" 1150
expect 'cpuset: one core' 0 1 "$CE" --cpu-core-ids 0 -- nproc
expect 'cpuset: all of them without it' 0 "$(nproc)" "$CE" -- nproc
mkdir -m 1777 "$SCRATCH/data"
data=(--volume "$SCRATCH/data:/srv")
run "$CE" "${probe[@]}" "${data[@]}" -- /mnt/load write /srv/fast 16
fast=$out
run "$CE" --io-max "$disk:wbps=4M" "${probe[@]}" "${data[@]}" -- /mnt/load write /srv/slow 16
holds "io: 16 MiB at 4M a second take 4 s (took ${out:-none} ms, ${fast:-none} without)" \
	between 3500 "${out:-0}" 15000
holds 'io: they take less without' [ "${fast:-9999}" -lt 3000 ]
refuses 'io: no such disk' 125 '--io-max.*251:9999' "$CE" --io-max 251:9999:wbps=4M -- true
expect 'stats: of the scope' 0 '.*' "$CE" --memory 64M --stats=json "${probe[@]}" -- /mnt/load memory 20
peak=$(sed -n 's/.*"memory_peak_bytes":\([0-9]*\).*/\1/p' "$SCRATCH/err")
holds "stats: a peak of 20 MiB and a bit (${peak:-none})" between 20971520 "${peak:-0}" 30000000
holds 'a command without limits makes no unit' "$CE" -- sh -c '! grep -q contain /proc/self/cgroup'

# One name after the other, also where the kernel has killed for memory, which makes a failed unit.
for _ in 1 2 3; do
	"$CE" --name again --memory 16M "${probe[@]}" -- /mnt/load memory 64 >"$SCRATCH/again" 2>&1
	holds 'the same name again and again' grep -q -- '--memory' "$SCRATCH/again"
done

# -- a delegated group is used as it is, without a word to systemd
expect 'delegated: our own folder, in the group of the caller' 0 '.*' \
	systemd-run --quiet --wait --pipe --unit contain-test-bot -p Delegate=yes \
	"$CE" --name bot --memory 64M -- cat /proc/self/cgroup
# What the start itself has forked must not count as somebody else: here it is slow to end.
for i in 1 2 3 4 5; do
	expect "delegated: the caller is alone in its group ($i)" 0 '.*' \
		systemd-run --quiet --wait --pipe --collect --unit "contain-test-alone-$i" -p Delegate=yes \
		chrt --fifo 5 taskset --cpu-list 0 "$CE" --name bot --memory 64M -- true
done
holds 'delegated: no scope was made' [ -z "$(log_since -o cat | grep 'contain-bot.scope')" ]

# -- a silent systemd
python3 -c '
import socket, sys, time
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(8)
time.sleep(60)' "$SCRATCH/silent" &
silent=$!
holds 'silent: the socket is there' true_within 10 test -S "$SCRATCH/silent"
before=$SECONDS
refuses 'silent: a systemd that does not answer is an error, in one line' 125 'systemd did not answer in time.*stage cgroup' \
	unshare --mount --propagation private sh -c \
	"mount --bind $SCRATCH/silent /run/systemd/private && exec $CE --memory 64M -- true"
holds "silent: and takes no more than 10 s and a bit ($((SECONDS - before)) s)" [ $((SECONDS - before)) -le 25 ]
kill "$silent"
wait "$silent" 2>/dev/null

# -- a login's slice
policy users/alice.conf <<'EOF'
[jail]
enable = yes
grace = 1s
[limits]
memory = 96M
pids = 60
cpu = 50000
cpu_core_ids = 0
[rootfs]
volumes = PROBE:/mnt:ro
EOF
sed -i "s|PROBE|$BUILD/probe|" /etc/contain/users/alice.conf
containctl policy check >"$SCRATCH/check" 2>&1 || not_ok 'the policy is right' "$(cat "$SCRATCH/check")"
hold alice
alice=$held
sleeper=$(pgrep -u alice -f '^sleep 4711')
holds 'login: its session is in the scope of logind' grep -qE '/session-[0-9]+\.scope$' "/proc/$sleeper/cgroup"
supervisor=$(pgrep -x contain-session)
holds 'login: its supervisor is in a scope of its own, in the same slice' grep -qx \
	'0::/user.slice/user-1001.slice/contain-user-1001.scope/contain-user-1001.supervisor' "/proc/$supervisor/cgroup"
holds 'login: init is beside it' grep -qx \
	'0::/user.slice/user-1001.slice/contain-user-1001.scope/contain-user-1001' "/proc/$(pgrep -x contain-init)/cgroup"
expect 'login: the slice has the limits' 0 $'100663296\n0\n50000 100000\n60\n0' \
	cat "$slice"/{memory.max,memory.swap.max,cpu.max,pids.max,cpuset.cpus}
run systemctl daemon-reload
expect 'login: daemon-reload leaves them alone' 0 100663296 cat "$slice/memory.max"
expect 'login: systemctl show has them' 0 '100663296 60' shows user-1001.slice MemoryMax TasksMax
run ssh_as alice '/mnt/load memory 200; echo "code $?"; nproc; /mnt/load tasks 100'
holds "login: 200 MiB are killed, one core, fewer than 60 of 100 tasks (${out//$'\n'/, })" \
	matches "$out" $'code 137\n1\n[1-5]?[0-9]'
run ssh_as bob "$BUILD/probe/load memory 200; nproc; $BUILD/probe/load tasks 100"
holds 'login: bob has no such limits' [ "$out" = "allocated 200 MiB"$'\n'"$(nproc)"$'\n100' ]
# Its stack has no pam_systemd, and so it is in nobody's slice.
expect 'runuser by root: from outside of the slice it is moved into the folder of the jail' 0 0::/ \
	runuser -u alice -- cat /proc/self/cgroup
# Not cleanly: what systemd has written down is found by the next.
holds 'kill -9: the limits are written down' test -e "$control/user-1001.slice.d/50-MemoryMax.conf"
kill -KILL "$supervisor"
release "$alice"
run "$CE" -- true
confine_alice
holds 'kill -9: nothing is written down any more' test ! -e "$control/user-1001.slice.d"
holds 'the slice goes after the last session' within 30 unit_is_gone user-1001.slice
hold alice
expect 'the next login has the limits of today' 0 max cat "$slice/memory.max"
release "$held"
nothing_left 'nothing is left of these commands and logins'
