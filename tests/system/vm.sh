#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 120
# check-vm where no machine can be had: each way ends in time, with one line that says what to do, and
# leaves nothing that looks finished. The programs that it takes are stand-ins here; the real ones are
# in make check-vm.
# shellcheck disable=SC2016 # what stands in single quotes is for the stand-ins
. "$(dirname "$0")/lib.sh"
remember_host
stands=$SCRATCH/bin
export CONTAIN_TEST_CACHE=$SCRATCH/cache O=$SCRATCH/vm CONTAIN_TEST_ACCEL=tcg CONTAIN_TEST_BOOT=3
# Whoever runs the tests may be a make with jobs; the one in there is none of them.
unset MAKEFLAGS MFLAGS
mkdir "$stands" "$CONTAIN_TEST_CACHE"
PATH=$stands:$PATH

# stand_in PROGRAM: a shell script from stdin.
stand_in() {
	{
		echo '#!/bin/bash'
		cat
	} >"$stands/$1"
	chmod 0755 "$stands/$1"
}

# What a machine's programs do where all goes well, as far as it does here.
for program in mke2fs ssh-keygen mmdebstrap; do
	stand_in "$program" <<<'exit 0'
done
stand_in ssh <<<'exit 255'
# $1: what qemu does once its serial line, $serial, is there.
qemu() {
	stand_in qemu-system-x86_64 <<-END
		[ "\$1" != --version ] || exec echo 'QEMU emulator version 7.2.1'
		for word; do
			case \$word in file:*) serial=\${word#file:} ;; esac
		done
		$1
	END
}

# one_line NAME REGEX COMMAND...: it fails, and says this and nothing else but what a machine said.
one_line() {
	local name=$1 pattern=$2
	shift 2
	run "$@"
	if [ "$status" -ne 0 ] && [ "$status" -ne 124 ] && [[ $(grep -v '^    ' <<<"$err") =~ ^($pattern)$ ]]; then
		ok "$name"
	else
		not_ok "$name" "expected one line: $pattern" "$(shown)"
	fi
}

nothing_made() {
	holds "$1: nothing that looks like a machine" [ -z "$(find "$CONTAIN_TEST_CACHE/vm" -mindepth 1 ! -name '*.lock' ! -name '*.log')" ]
}

qemu 'exit 0'
one_line 'no such release' "'sid' is none of the releases that are tested: bookworm trixie" "$top/tests/vm/run" sid
one_line 'no such suite' "SUITE is 'some', and must be short or all" env SUITE=some "$top/tests/vm/run" bookworm
one_line 'not root' 'run me as root: sudo .*' setpriv --reuid=5001 --clear-groups "$top/tests/vm/run" bookworm

# -- programs that are missing: a PATH with all but them
mkdir "$SCRATCH/few"
for program in bash env cat awk sed grep sort xargs dirname id mkdir make cmp tr setpriv ssh flock uname; do
	ln -s "$(command -v "$program")" "$SCRATCH/few"
done
one_line 'no qemu' 'there is no qemu-system-x86_64: apt-get install qemu-system-x86' \
	env PATH="$SCRATCH/few" "$top/tests/vm/run" bookworm

# -- the image
mkdir "$SCRATCH/small"
mount -t tmpfs -o size=100m small "$SCRATCH/small"
one_line 'no room' 'making the machine takes [0-9]+ MB in .*/small/vm, and [0-9]+ MB are free' \
	env CONTAIN_TEST_CACHE="$SCRATCH/small" "$top/tests/vm/image" bookworm
umount "$SCRATCH/small"
stand_in mmdebstrap <<<"echo 'E: Unable to locate package nonsense'; exit 25"
one_line 'an image that cannot be built' 'mmdebstrap bookworm ended with code 25; .*bookworm.log: E: Unable to locate package nonsense' \
	"$top/tests/vm/image" bookworm
nothing_made 'an image that cannot be built'
run "$top/tests/vm/run" bookworm
holds 'the whole is a failure then, and counts as one' \
	[ "$status:$(tail -n 1 <<<"$out")" = '1:0 passed, 1 failed, 0 skipped' ]
stand_in mmdebstrap <<<'sleep 60 & wait'
run timeout -s KILL 3 "$top/tests/vm/image" bookworm
still_there() { pgrep -f "$stands/mmdebstrap" >/dev/null; }
holds 'killed while it is built: what builds it ends' true_within 5 fails still_there
stand_in mmdebstrap <<<"echo 'E: once more'; exit 1"
one_line 'and the next one is not in its way' 'mmdebstrap bookworm ended with code 1; .*E: once more' "$top/tests/vm/image" bookworm
nothing_made 'and the next one'

# -- the machine
start_machine() {
	mkdir -p "$O"
	bash -uc '. "$0/tests/vm/releases.sh"; . "$0/tests/vm/machine.sh"; trap machine_gone EXIT
		machine_start bookworm "$1"' "$top" "$O"
}
qemu 'echo "cannot set up guest memory" >&2; exit 1'
one_line 'qemu ends' 'qemu ended: cannot set up guest memory; its serial line is in .*' start_machine
qemu 'echo the kernel runs >"$serial"; exec sleep 4242'
one_line 'the boot hangs' 'the machine \(bookworm, TCG\) did not answer within 3 s of its boot; its serial line is in .*' start_machine
export CONTAIN_TEST_BOOT=30
qemu 'echo "Kernel panic - not syncing: no root" >"$serial"; exec sleep 4242'
one_line 'the kernel panics' 'the machine \(bookworm, TCG\) has died: Kernel panic - not syncing: no root; its serial line is in .*' start_machine
qemu_runs() { pgrep -f 'sleep 4242' >/dev/null; }
holds 'no machine is left' fails qemu_runs
nothing_left 'nothing is left'
finish
