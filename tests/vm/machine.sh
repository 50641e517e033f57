# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A machine that runs, of tests/vm/image. After releases.sh:
#
#	machine_start RELEASE DIR	boot it, with the checkout of DIR (tests/vm/build); 0 when ssh
#					answers. What comes from its serial line is in DIR/serial.log;
#					its ttyS1 and ttyS2 are the ends of one wire
#	machine_run SECONDS COMMAND...	in it, as root, with what stands on stdin; 124: too long
#	machine_shell COMMAND...	the same on this terminal
#	machine_reboot SECONDS COMMAND...	run this, which reboots it, and wait until ssh answers in
#					the next boot
#	machine_stop			power it off; what does not go is killed
#	machine_kill			at once. qemu also dies with the script, however that ends
#
# $machine_slow is 1 with KVM, and else how many times longer what runs in it may take.
#
# For trying: CONTAIN_TEST_APPEND is added to the kernel's command line, CONTAIN_TEST_BOOT are the
# seconds that a boot may take.

machine_pid=
machine_accel=
machine_slow=1
machine_boot_limit=${CONTAIN_TEST_BOOT:-400}

machine_needs() {
	vm_needs qemu-system-x86_64:qemu-system-x86 ssh:openssh-client setpriv:util-linux
}

# A port of the loopback interface that nobody has; by chance, so that two who ask get two.
machine_port() {
	local port try
	for try in {1..50}; do
		port=$((20000 + SRANDOM % 12000))
		(: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || {
			echo "$port"
			return
		}
	done
	return "$try"
}

# With a thread for each of its processors qemu runs, before 8.1, at times code that another processor
# has just replaced: a kernel patches itself, and dies of it ("Oops: int3").
machine_threads() {
	local version
	version=$(qemu-system-x86_64 --version | sed -nE '1s/.* version ([0-9.]+).*/\1/p')
	printf '%s\n' 8.1 "$version" | sort -VC && echo multi || echo single
}

# machine_qemu ACCELERATOR: in the background, its process id in $machine_pid.
machine_qemu() {
	local options append='root=/dev/vda rw console=ttyS0 quiet mitigations=off init_on_alloc=0'
	append+=' 8250.nr_uarts=3 systemd.show_status=0'
	case $1 in
	kvm) options=(-accel kvm -cpu host) ;;
	# What a processor of 2008 cannot do need not be emulated; Debian asks for nothing more.
	tcg) options=(-accel "tcg,thread=$(machine_threads),tb-size=1024" -cpu Nehalem) ;;
	esac
	machine_port=$(machine_port)
	rm -f "$machine_socket"
	: >"$machine_log"
	setpriv --pdeathsig KILL qemu-system-x86_64 -machine q35 "${options[@]}" -smp 2 -m 4G \
		-nodefaults -display none -kernel "$machine_files/kernel" -initrd "$machine_files/initrd" \
		-append "$append ${CONTAIN_TEST_APPEND:-}" \
		-drive "file=$machine_files/disk,format=raw,snapshot=on,if=none,id=disk,cache=unsafe" \
		-device virtio-blk-pci,drive=disk,serial=machine \
		-drive "file=$machine_dir/checkout,format=raw,snapshot=on,if=none,id=checkout,cache=unsafe" \
		-device virtio-blk-pci,drive=checkout,serial=checkout \
		-drive "file=$machine_dir/spare,format=raw,if=none,id=spare,cache=unsafe" \
		-device virtio-blk-pci,drive=spare,serial=spare \
		-netdev "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:$machine_port-:222" \
		-device virtio-net-pci,netdev=net,romfile= -device virtio-rng-pci \
		-serial "file:$machine_log" \
		-chardev "socket,id=getty,path=$machine_socket,server=on,wait=off" -serial chardev:getty \
		-chardev "socket,id=keyboard,path=$machine_socket" -serial chardev:keyboard \
		</dev/null >"$machine_dir/qemu.log" 2>&1 &
	machine_pid=$!
	# What it dies of is in its log, and not this shell's to say.
	disown
}

machine_lives() {
	[ -n "$machine_pid" ] && kill -0 "$machine_pid" 2>/dev/null
}

# machine_speaks SECONDS: something comes from the serial line.
machine_speaks() {
	local deadline=$((SECONDS + $1))
	while machine_lives && [ "$SECONDS" -lt "$deadline" ]; do
		[ ! -s "$machine_log" ] || return 0
		sleep 0.2
	done
	return 1
}

# With KVM where it works, which its being there does not say.
machine_boot() {
	if [ -w /dev/kvm ] && [ "${CONTAIN_TEST_ACCEL:-kvm}" = kvm ]; then
		machine_qemu kvm
		if machine_speaks 10; then
			machine_accel=KVM machine_slow=1
			return
		fi
		machine_kill
	fi
	machine_accel=TCG machine_slow=10
	# Another may have taken the port in the meantime.
	for _ in 1 2 3; do
		machine_qemu tcg
		machine_speaks "$machine_boot_limit" && return
		grep -q 'host forwarding' "$machine_dir/qemu.log" || break
		machine_kill
	done
}

# What ssh and scp are told.
machine_ssh_options() {
	machine_ssh=(-F none -i "$machine_files/ssh" -o BatchMode=yes -o StrictHostKeyChecking=no
		-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=20
		-o ServerAliveInterval=30 -o ServerAliveCountMax=10 -p "$machine_port" root@127.0.0.1)
}

machine_run() {
	local limit=$1
	shift
	vm_wait timeout -k 5 "$limit" ssh "${machine_ssh[@]}" "$@"
}

machine_shell() {
	ssh -t "${machine_ssh[@]}" "$@"
}

# The sshd of tests/vm/furnish answers from when the machine lets people in.
machine_answers() {
	local deadline=$((SECONDS + $1))
	while machine_lives && [ "$SECONDS" -lt "$deadline" ]; do
		[ "$(machine_run 20 'echo here' </dev/null 2>/dev/null)" != here ] || return 0
		sleep 1
	done
	return 1
}

# machine_failed WHY: with the end of what it said.
machine_failed() {
	echo "$1; its serial line is in $machine_log" >&2
	tail -n 15 "$machine_log" | tr -d '\r' | sed 's/^/    /' >&2
	machine_kill
	return 1
}

machine_start() {
	machine_files=$vm_cache/$1 machine_dir=$2
	machine_log=$2/serial.log
	# A socket's path must be short.
	machine_private=$(mktemp -d /tmp/contain-vm.XXXXXX)
	machine_socket=$machine_private/ttyS1
	rm -f "$2/spare"
	truncate -s 64M "$2/spare"
	machine_boot
	machine_lives || {
		machine_failed "qemu ended: $(head -n 1 "$2/qemu.log")"
		return
	}
	machine_watch &
	machine_ssh_options
	machine_answers "$machine_boot_limit" || {
		machine_failed "the machine ($1, $machine_accel) $(machine_end || echo "did not answer within $machine_boot_limit s of its boot")"
		return
	}
	machine_has_checkout
}

# The boot does not wait for it.
machine_has_checkout() {
	machine_run 120 'systemctl start usr-src-contain.mount' </dev/null ||
		machine_failed "the machine does not mount the checkout"
}

# A kernel that has panicked stays, and all that waits for it would wait to its own end.
machine_watch() {
	exec >/dev/null 2>&1
	while machine_lives; do
		! grep -q 'Kernel panic' "$machine_log" || machine_kill
		sleep 1
	done
}

# How it has ended by itself; 1 if it has not.
machine_end() {
	! machine_lives || return 1
	if grep -q 'Kernel panic' "$machine_log"; then
		echo "has died: $(grep -m 1 'Kernel panic' "$machine_log" | tr -d '\r')"
	else
		echo "has ended: $(head -n 1 "$machine_dir/qemu.log")"
	fi
}

machine_reboot() {
	local limit=$1 boot_id='cat /proc/sys/kernel/random/boot_id' before now deadline
	shift
	before=$(machine_run 60 "$boot_id" </dev/null)
	deadline=$((SECONDS + limit))
	# It may end as it likes when the machine goes down under it.
	machine_run "$limit" "$@" </dev/null >/dev/null 2>&1
	while machine_lives && [ "$SECONDS" -lt "$deadline" ]; do
		now=$(machine_run 20 "$boot_id" </dev/null 2>/dev/null)
		if [ -n "$now" ] && [ "$now" != "$before" ]; then
			machine_has_checkout
			return
		fi
		sleep 1
	done
	machine_failed "the machine $(machine_end || echo "did not come back within $limit s of its reboot")"
}

machine_stop() {
	local deadline=$((SECONDS + 90))
	machine_lives || return 0
	machine_run 30 systemctl --no-block poweroff </dev/null >/dev/null 2>&1
	while machine_lives && [ "$SECONDS" -lt "$deadline" ]; do
		sleep 0.5
	done
	machine_kill
}

machine_kill() {
	while machine_lives; do
		kill -KILL "$machine_pid"
		sleep 0.05
	done 2>/dev/null
	machine_pid=
}

# For a trap: nothing of it stays.
machine_gone() {
	machine_kill
	[ -z "${machine_private:-}" ] || rm -rf "$machine_private"
}
