# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What tests/vm/* have in common: the releases of Debian, where their machines lie, and how what is
# not possible is said.
#
#	vm_release NAME			into $release and $release_packages
#	vm_cache			the folder of all machines
#	vm_needs PROGRAM:PACKAGE...	they are there
#	vm_needs_root
#	vm_fail WHY			one line, and the end
#	vm_wait COMMAND...		run it; it dies with this script, whose traps need not wait for it

# release | packages that only it has
vm_releases='
bookworm |
trixie   | wtmpdb libpam-wtmpdb libwtmpdb-dev lastlog2 libpam-lastlog2
'
vm_cache=${CONTAIN_TEST_CACHE:-/var/cache/contain-tests}/vm

vm_fail() {
	echo "$1" >&2
	exit 1
}

vm_release_names() {
	awk '$1 { print $1 }' <<<"$vm_releases"
}

vm_release() {
	local name words
	release=$1
	while IFS='|' read -r name words; do
		if [ -n "$1" ] && [ "${name// /}" = "$1" ]; then
			read -ra release_packages <<<"$words"
			return
		fi
	done <<<"$vm_releases"
	vm_fail "'$1' is none of the releases that are tested: $(vm_release_names | xargs)"
}

vm_needs() {
	local pair
	for pair; do
		command -v "${pair%:*}" >/dev/null ||
			vm_fail "there is no ${pair%:*}: apt-get install ${pair#*:}"
	done
}

vm_needs_root() {
	[ "$(id -u)" -eq 0 ] || vm_fail "run me as root: sudo $0"
}

vm_wait() {
	setpriv --pdeathsig KILL "$@" <&0 &
	wait $!
}
