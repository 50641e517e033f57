#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs every contain-exec command line of README.md, docs/NETWORKING.md, docs/IMAGES.md and of the manual's EXAMPLES, as
# they stand there, and checks the policy files of docs/NETWORKING.md. A comment "# exit code N" at the end of a line says that it ends with another code than 0.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/image_store.sh
. "$top/tests/image_store.sh"

# What the examples take for granted: sudo, contain-exec in PATH, a root called ./alpine, some
# folders, and docker's bridge; and for those with --network pasta an ordinary user, a way into the world, and
# that anybody may use it.
make_user
open_tun
make_internet
make_rootfs "$SCRATCH/alpine"
mkdir -p "$SCRATCH/bin" "$SCRATCH/data" "$SCRATCH/site" "$SCRATCH/changes"
printf '#!/bin/sh\nexec "$@"\n' >"$SCRATCH/bin/sudo"
chmod 0755 "$SCRATCH/bin/sudo"
ln -s "$CE" "$SCRATCH/bin/contain-exec"
ip link add docker0 type bridge
ip address add 172.17.0.1/16 dev docker0
ip link set docker0 up
ln -s "$BUILD/containctl" "$SCRATCH/bin/containctl"
export PATH=$SCRATCH/bin:$PATH
store_begin "$SCRATCH/store"
layer_begin
cp -a "$SCRATCH/alpine/." "$layer"
echo 'ID=debian' >"$layer/etc/os-release"
layer_end
image docker.io/library/debian:12 "$diff_id" </dev/null
image docker.io/library/web:latest "$diff_id" <<<'cmd true'

# shellcheck disable=SC2016 # the quote marks are Markdown's
# The lines with contain-exec, continuations joined, without prompts.
from_page() {
	sed -n '/^```/,/^```/p' "$top/$1" | sed -e ':a' -e '/\\$/{N;s/\\\n[[:space:]]*//;ba' -e '}' |
		sed -nE 's/^(\$ )?((sudo )?contain-exec .*)/\2/p'
}
from_manual() {
	mandoc -T ascii -O width=300 "$BUILD/contain-exec.1" | sed 's/.\x08//g' |
		sed -n '/^EXAMPLES/,/^[A-Z]/p' | sed -e ':a' -e '/\\$/{N;s/\\\n[[:space:]]*//;ba' -e '}' |
		sed -nE 's/^[[:space:]]*([$#] )?((sudo )?contain-exec .*)/\2/p'
}

# try SOURCE COMMAND-LINE
try() {
	local wanted=0
	[[ $2 =~ \#\ exit\ code\ ([0-9]+) ]] && wanted=${BASH_REMATCH[1]}
	if [[ $2 == *'--network pasta'* ]]; then
		run timeout -k 2 60 "${as_user[@]}" bash -c "$2"
	else
		run timeout -k 2 60 bash -c "$2"
	fi
	if [ "$status" -eq "$wanted" ]; then
		ok "$1: ${2:0:100}"
	else
		not_ok "$1: ${2:0:100}" "expected exit code $wanted" "$(shown)"
	fi
}

count=0
while IFS= read -r line; do
	try README "$line"
	count=$((count + 1))
done < <(from_page README.md)
holds "the README has examples ($count)" [ "$count" -ge 6 ]
count=0
while IFS= read -r line; do
	try NETWORKING "$line"
	count=$((count + 1))
done < <(from_page docs/NETWORKING.md)
holds "NETWORKING has examples ($count)" [ "$count" -ge 1 ]
count=0
while IFS= read -r line; do
	try IMAGES "$line"
	count=$((count + 1))
done < <(from_page docs/IMAGES.md)
holds "IMAGES has examples ($count)" [ "$count" -ge 1 ]

# policy_file NUMBER: the block of that number that is one.
# shellcheck disable=SC2016 # the quote marks are Markdown's
policy_file() {
	sed -n '/^```/,/^```/p' "$top/docs/NETWORKING.md" |
		awk -v wanted="$1" '
			/^```/ { first = inside = !inside; current = 0; next }
			first { first = 0; current = /^\[/ ? ++number : 0 }
			current == wanted'
}
mkdir -p /etc/contain/groups /etc/contain/networks
for file in groups/root groups/root groups/root groups/root networks/lab; do
	number=$((${number:-0} + 1))
	policy_file "$number" >"/etc/contain/$file.conf"
	holds "NETWORKING, policy file $number: has something in it" [ "$(wc -l <"/etc/contain/$file.conf")" -ge 2 ]
	expect "NETWORKING, policy file $number: is right" 0 '' "$BUILD/containctl" policy check
done
expect 'NETWORKING: its network is one' 0 '10\.50\.[0-9.]+/16' \
	contain-exec --network lab -- sh -c 'ip -o -4 address show dev eth0 | tr -s " " | cut -d" " -f4'
count=0
if command -v mandoc >/dev/null; then
	while IFS= read -r line; do
		try manual "$line"
		count=$((count + 1))
	done < <(from_manual)
	holds "the manual has examples ($count)" [ "$count" -ge 3 ]
else
	skip 'the examples of the manual' 'mandoc is not installed'
fi
finish
