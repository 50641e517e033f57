#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 180
# containctl image: from archives and folders into the store, looked at, and out again.
# shellcheck disable=SC2016 # what stands in single quotes is for another shell
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/image_store.sh
. "$top/tests/image_store.sh"
CTL=$BUILD/containctl
digest='sha256:[0-9a-f]{64}'

# -- before there is anything
mount -t tmpfs -o mode=0755 tmpfs /var/lib
expect 'without a store, there are no images' 0 'NAME +ID +ADDED +SIZE' "$CTL" image ls
refuses 'and none to show' 1 'containctl image pull debian' "$CTL" image show debian
refuses 'or to remove' 1 'debian' "$CTL" image rm debian
expect 'nothing is to be collected' 0 'removed: 0 images.*' "$CTL" image gc
umount /var/lib
store_begin "$SCRATCH/store"
chmod 0755 "$SCRATCH/store"
refuses 'a store that others can enter is refused' 1 'chmod 700 /var/lib/contain' "$CTL" image ls
chmod 0700 "$SCRATCH/store"
refuses 'images are for root' 1 'root' setpriv --reuid=65534 --regid=65534 --clear-groups "$CTL" image ls

# -- a folder with all that a layer can have
mkdir -p folder/{bin,etc,empty,sticky} folder/deep/er
cp /bin/busybox folder/bin/
ln -s busybox folder/bin/cat
ln folder/bin/busybox folder/bin/sh
echo 'hello' >folder/etc/message
echo 'name' >$'folder/etc/n\xc3\xa4me \\ with\nline'
echo 'not UTF-8' >$'folder/etc/\xff\xfe'
truncate -s 1G folder/etc/sparse
chmod 1777 folder/sticky
chmod 0400 folder/etc/message
chown 1000:50 folder/etc/message
cp folder/bin/busybox folder/bin/setuid
chmod 04755 folder/bin/setuid
touch -h -d '2001-02-03 04:05:06' folder/bin/cat folder/etc/message folder/deep
setfattr -n user.note -v kept folder/etc/message 2>/dev/null ||
	"$PYTHON" -c 'import os; os.setxattr("folder/etc/message", "user.note", b"kept")'

# Everything that must not get lost, a line each; of directories not their size, which is the disk's.
listing() {
	(cd "$1" && find . -printf '%P|%y|%m|%U:%G|%l|%T@|%n|' \( -type d -printf '\n' -o -printf '%s\n' \) | sort)
	"$PYTHON" - "$1" <<-'END'
		import hashlib, os, sys
		for place, directories, files in sorted(os.walk(os.fsencode(sys.argv[1]))):
		    for name in sorted(files + directories):
		        path = os.path.join(place, name)
		        found = [(x, os.getxattr(path, x, follow_symlinks=False))
		                 for x in sorted(os.listxattr(path, follow_symlinks=False))]
		        content = b""
		        if os.path.isfile(path) and not os.path.islink(path) and os.path.getsize(path) < 1 << 24:
		            content = open(path, "rb").read()
		        print(path[len(sys.argv[1]):], found, hashlib.sha256(content).hexdigest())
	END
}
expect 'a folder becomes an image' 0 "mine:1 $digest \(.*\)" "$CTL" image import folder mine:1
holds 'and comes out again' "$CTL" image export mine:1 exported
listing folder >before
listing exported >after
holds 'as it was: modes, owners, links, times, attributes, contents' diff before after
holds 'with its holes' [ "$(du -k exported/etc/sparse | cut -f1)" -lt 1024 ]
chmod 0444 exported/etc/message
listing exported >after
holds 'a mode that differs would be seen' bash -c '! cmp -s before after'
expect 'it runs' 0 'hello' "$CE" --image mine:1 -- /bin/cat /etc/message

# -- archives
tar -C folder --xattrs --format=posix --sparse -cf plain.tar .
gzip -k plain.tar
for kind in plain.tar plain.tar.gz; do
	expect "$kind becomes an image" 0 "$kind:latest $digest .*" "$CTL" image import "$kind" "$kind"
done
holds 'the same archive is the same image, compressed or not' \
	[ "$("$CTL" image ls --json | "$PYTHON" -c 'import json, sys
print(len({i["id"] for i in json.load(sys.stdin)["images"] if "plain" in i["name"]}))')" = 1 ]
expect 'from standard input' 0 "stdin:latest $digest .*" bash -c '"$0" image import - stdin <plain.tar.gz' "$CTL"
count() { find "$STORE/$1" -mindepth 1 -maxdepth 1 | wc -l; }
holds 'what is the same is there once' [ "$(count layers)" = 2 ]
expect 'show tells what there is' 0 '.*name +mine:1.*id +'"$digest"'.*architecture.*layers.*'"$digest"' .*' \
	"$CTL" image show mine:1
holds 'as JSON, too' bash -c '"$0" image show --json mine:1 | "$1" -c "import json, sys
i = json.load(sys.stdin)
assert i[\"version\"] == 1 and i[\"name\"] == \"docker.io/library/mine:1\" and len(i[\"layers\"]) == 1
assert i[\"layers\"][0][\"size\"] == i[\"size\"] > 1000"' "$CTL" "$PYTHON"

# -- what is refused leaves the store as it is
before=$(find "$STORE" | sort)
refused() {
	local name=$1
	shift
	refuses "$name" "$@"
	holds "$name: the store is as it was" [ "$(find "$STORE" | sort)" = "$before" ]
}
refused 'a name that is none' 1 'Bad' "$CTL" image import folder 'Bad Name'
refused 'a name with a digest' 1 'name only' "$CTL" image import folder "a@sha256:$(printf '%064d' 1)"
refused 'a file that is not there' 1 'nowhere.tar: No such file' "$CTL" image import nowhere.tar x
refused 'what is no archive' 1 '' "$CTL" image import /bin/busybox x
head -c 200000 plain.tar >short.tar
refused 'an archive that ends too early' 1 '' "$CTL" image import short.tar x
touch -r folder/etc time
mkfifo folder/etc/fifo
refused 'a FIFO in a folder' 1 'etc/fifo' "$CTL" image import folder x
rm folder/etc/fifo
touch -r time folder/etc
refuses 'two words are needed' 2 'containctl image import' "$CTL" image import folder
expect 'and then it works again' 0 "x:latest $digest .*" "$CTL" image import folder x
holds 'and is the image that it was' [ "$(count layers)" = 2 ]

# -- out again, only where nothing is
refuses 'a directory with something in it is not replaced' 1 'not empty' "$CTL" image export mine:1 exported
mkdir free
holds 'an empty one is' "$CTL" image export mine:1 free
expect 'with the files in it' 0 'hello' cat free/etc/message
refuses 'nor is a file' 1 'plain.tar' "$CTL" image export mine:1 plain.tar
refuses 'an image that is not there' 1 'containctl image pull no-such' "$CTL" image export no-such there
holds 'of which nothing is made' [ ! -e there ]
mkdir -p .killed.partial/rest
holds 'what somebody left who was killed is no hindrance' "$CTL" image export mine:1 killed
holds 'and goes' [ ! -e .killed.partial ]
holds 'nothing is left beside what was exported' [ -z "$(find . -maxdepth 1 -name '.*.partial')" ]
layer_begin
mknod "$layer/gone" c 0 0
echo here >"$layer/here"
layer_end
image docker.io/library/white:latest "$diff_id" </dev/null
holds 'an image that hides something' "$CTL" image export white shown
expect 'has nothing in the place of it' 0 'here' ls shown
"$CTL" image rm white

# -- damage is found
expect 'what is whole is found to be' 0 '[0-9]+ layers looked at, 0 damaged' "$CTL" image verify
tree=$(find "$STORE/layers" -path '*/tree/etc/message' | head -n 1)
printf 'J' | dd of="$tree" bs=1 conv=notrunc status=none
touch -d '2001-02-03 04:05:06' "$tree"
expect 'one byte that has changed is not' 1 ".*$(basename "$(dirname "$(dirname "$(dirname "$tree")")")").*" \
	"$CTL" image verify
printf 'h' | dd of="$tree" bs=1 conv=notrunc status=none
touch -d '2001-02-03 04:05:06' "$tree"
expect 'put back, it is whole' 0 '.* 0 damaged' "$CTL" image verify
chmod 0644 "$tree"
expect 'nor is a mode' 1 '.*damaged.*' "$CTL" image verify
chmod 0400 "$tree"
expect 'one image alone' 0 '1 layers looked at, 0 damaged' "$CTL" image verify mine:1
holds 'as JSON' bash -c '"$0" image verify --json | "$1" -c "import json, sys
v = json.load(sys.stdin)
assert v[\"problems\"] == [] and v[\"layers\"] == 2, v"' "$CTL" "$PYTHON"
mkdir elsewhere
mv "$(dirname "$(dirname "$(dirname "$tree")")")" elsewhere
expect 'a layer that is not there' 1 'damaged: .*: it is not there.*' "$CTL" image verify
mv elsewhere/* "$STORE/layers/"
expect 'put back' 0 '.* 0 damaged' "$CTL" image verify
id=$("$CTL" image ls | sed -n 's/^mine:1  *\([0-9a-f]*\) .*/\1/p')
expect 'the digits that a list shows are enough' 0 ".*$id.*" "$CTL" image show "$id"
refuses 'eleven are not' 1 'not on this machine' "$CTL" image show "${id:0:11}"
refuses 'nor are others' 1 'not on this machine' "$CTL" image show 0123456789abcdef
ln -s /etc "$SCRATCH/link"
chown -h 1000 "$SCRATCH/link"
chmod 1777 "$SCRATCH"
refuses 'a link of somebody else is not followed' 1 'link' "$CTL" image import "$SCRATCH/link" linked
chmod 0711 "$SCRATCH"

# -- away
refuses 'of several the others go' 1 'no-such' "$CTL" image rm stdin no-such x
holds 'as they did' bash -c '! "$0" image show stdin && ! "$0" image show x && "$0" image show mine:1' "$CTL"
"$CE" --image mine:1 --name user -- /bin/sh -c 'echo; exec sleep 1000' >started &
jail=$!
until [ -s started ]; do sleep 0.1; done
refuses 'an image that a container runs from stays' 1 'a container runs from' "$CTL" image rm mine:1
kill -KILL "$jail"
wait "$jail" 2>/dev/null
holds 'and can go as soon as that is dead' bash -c 'for i in $(seq 100); do
	"$0" image rm mine:1 && exit 0; sleep 0.1; done; exit 1' "$CTL"
holds 'the rest' "$CTL" image rm plain.tar plain.tar.gz
expect 'then nothing is left' 0 '' find "$STORE" -mindepth 2
