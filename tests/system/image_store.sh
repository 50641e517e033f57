#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# The store of images where something is in the way: links and folders of others, a disk that is full or
# cannot be written, records that are damaged; and the most layers that there can be.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/image_store.sh
. "$top/tests/image_store.sh"
CTL=$BUILD/containctl

if [ "$(printf '6.3\n%s\n' "$(uname -r)" | sort -V | head -n 1)" != 6.3 ]; then
	skip 'a store that can be filled' 'tmpfs maps no ids before Linux 6.3'
	exit 0
fi
mkdir -m 0755 disk
mount -t tmpfs -o mode=0700,size=64M tmpfs disk
store_begin "$SCRATCH/disk/store"
layer_begin
make_rootfs "$layer"
layer_end
base=$diff_id
image docker.io/library/base:1 "$base" <<<'cmd /bin/true'

# -- where exports go
mkdir -m 0755 users
chown 1000:1000 users
mkdir -m 0755 elsewhere
ln -s "$SCRATCH/elsewhere" link
ln -s "$SCRATCH/elsewhere" users/link
chown -h 1000:1000 users/link
holds "an export goes through root's symbolic link" "$CTL" image export base:1 link/out
holds 'to where it leads' [ -x elsewhere/out/bin/busybox ]
refuses "and not through a user's" 1 'users/link' "$CTL" image export base:1 users/link/other
holds 'to where that leads' [ ! -e elsewhere/other ]
mkdir users/.out.partial
chown 1000:1000 users/.out.partial
refuses 'what a user has put into its place is not used' 1 '.out.partial.*remove it' "$CTL" image export base:1 users/out
ln -s "$SCRATCH/elsewhere" users/.there.partial
refuses 'nor a symbolic link' 1 '.there.partial.*remove it' "$CTL" image export base:1 users/there
rmdir users/.out.partial
holds "without it a user's folder is one as any other" "$CTL" image export base:1 users/out
expect 'and what comes there is what was exported' 0 '0 755' stat -c '%u %a' users/out

# -- as many layers as there can be
layers=()
for i in $(seq 499); do
	layer_begin
	echo "$i" >"$layer/number"
	layer_end
	layers+=("$diff_id")
done
image docker.io/library/many:1 "$base" "${layers[@]}" </dev/null
ulimit -Sn 1024
expect 'an image of 500 layers runs' 0 '499' "$CE" --image many:1 -- /bin/cat /number
holds 'it can be exported' "$CTL" image export many:1 many
expect 'with all of them' 0 '499' cat many/number

# -- records
image docker.io/library/other:1 "$base" </dev/null
echo rubbish >"$STORE/images/${image_id#sha256:}"
refuses 'as long as a record is damaged, no layers go' 1 "containctl image rm $image_id" "$CTL" image gc
image docker.io/library/third:1 "$base" </dev/null
refuses 'of several one cannot be removed' 1 'there is no image no-such' "$CTL" image rm third:1 no-such other:1
expect 'the others are' 0 'NAME.*base:1.*many:1 [^:]*' "$CTL" image ls
expect 'then there is nothing to collect' 0 'removed: 0 images.* 0 layers.*' "$CTL" image gc
image docker.io/library/loud:1 "$base" <<<$'env A=\x1b[2J\xc2\x9b2J\xc3\xa9'
expect 'what a terminal obeys is not printed' 0 '.*A=\\x1b\[2J\\xc2\\x9b2Jé.*' "$CTL" image show loud:1
holds 'an image whose folder lost a layer' rm -r "$STORE/layers/${diff_id#sha256:}"
refuses 'says how to get it again' 125 'the layer .* not there: .*containctl image pull' "$CE" --image many:1 -- /bin/true
holds 'it can be removed' "$CTL" image rm many:1 loud:1
holds 'with all that it had alone' [ "$(find "$STORE/layers" -mindepth 1 -maxdepth 1 | wc -l)" = 1 ]

# -- disks
mkdir tree
head -c 8M /dev/urandom >tree/file
fallocate -l 60M disk/filler 2>/dev/null || head -c 60M /dev/zero >disk/filler
refuses 'where there is no room, there is no image' 1 'No space left' "$CTL" image import tree mine:1
holds 'and nothing is left' [ -z "$(ls -A "$STORE/staging")" ]
rm disk/filler
holds 'with room there is' "$CTL" image import tree mine:1
mount -o remount,ro disk
mount -o remount,bind,ro "$STORE"
holds 'a store that cannot be written can be run from' "$CE" --image base:1 -- /bin/true
refuses 'nothing is removed from it' 1 'Read-only file system' "$CTL" image rm base:1
refuses 'nor made in it' 1 'Read-only file system' "$CTL" image import tree other:1
expect 'there is nothing to collect' 0 'removed: 0 .*' "$CTL" image gc
mount -o remount,bind,rw "$STORE"
mount -o remount,rw disk
holds 'writable again, it is as it was' "$CTL" image rm base:1 mine:1
holds 'and empty then' [ -z "$(find "$STORE" -mindepth 2)" ]
