# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# How long candidates take, in turns: what candidates.sh names is run by rounds.c.

compile() {
	local flags=(-std=gnu17 -D_GNU_SOURCE -O2) static=(cc)
	if command -v musl-gcc >/dev/null; then
		static=(musl-gcc -idirafter /usr/include
			-idirafter "/usr/include/$(cc -print-multiarch)")
	fi
	"${static[@]}" "${flags[@]}" -static -s -o "$SCRATCH/floor" "$bench/floor.c"
	cc "${flags[@]}" -o "$SCRATCH/rounds" "$bench/rounds.c"
}

# A copy, so that a build that somebody starts meanwhile does not change what is measured.
copy_build() {
	mkdir -p "$SCRATCH/build/probe" # where make_rootfs looks for programs of tests: none here
	cp -r -t "$SCRATCH/build" "$BUILD"/{contain-exec,contain-init,seccomp} "$BUILD"/contain-*.so
	BUILD=$SCRATCH/build
}

# measure ROUNDS NAME...: writes a line of results for each, in that order, as rounds.c has them.
measure() {
	local rounds=$1 name line
	shift
	for name; do
		line=$(candidate "$name" true) || line="sh"$'\n-c\n'"echo '$line' >&2; exit 1"
		printf '%s\t%s\t%s\n' "$name" "${most_runs[$name]:-0}" "${line//$'\n'/$'\t'}"
	done >"$SCRATCH/list"
	"$SCRATCH/rounds" "$rounds" "$SCRATCH/list"
}
