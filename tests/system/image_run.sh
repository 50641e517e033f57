#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 180
# Containers from images: what their layers show, where writes go, what an image says of its command, and
# how long it stays.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/image_store.sh
. "$top/tests/image_store.sh"
store_begin "$SCRATCH/store"
CTL=$BUILD/containctl
make_rootfs "$ROOT"

# -- layers: a root, and above it one that changes, hides and adds
layer_begin
make_rootfs "$layer"
rmdir "$layer"/{proc,dev,sys}
echo below >"$layer/etc/shadowed"
echo below >"$layer/etc/whited-out"
mkdir -p "$layer"/srv/{merged,opaque,gone,was-a-directory}
touch "$layer"/srv/{merged,opaque,gone,was-a-directory}/below
cp "$PROBE/ids" "$layer/bin/ids"
chmod 04755 "$layer/bin/ids"
mknod "$layer/srv/null" c 1 3
layer_end
base=$diff_id
layer_begin
mkdir -p "$layer/etc" "$layer"/srv/{merged,opaque}
chmod 0751 "$layer"
echo above >"$layer/etc/shadowed"
touch "$layer"/srv/{merged,opaque}/above "$layer/srv/was-a-directory"
mknod "$layer/etc/whited-out" c 0 0
mknod "$layer/srv/gone" c 0 0
"$PYTHON" -c 'import os, sys; os.setxattr(sys.argv[1], "trusted.overlay.opaque", b"y")' "$layer/srv/opaque"
layer_end
above=$diff_id
image docker.io/library/base:latest "$base" </dev/null
image docker.io/library/both:latest "$base" "$above" </dev/null
both_id=$image_id
remember_host

from() {
	local name=$1
	shift
	timeout -k 2 $((60 * slow)) "$CE" --image "$name" "$@"
}
look='cat /etc/shadowed; ls /etc/whited-out 2>/dev/null; cd /srv; ls -d gone was-a-directory/below 2>/dev/null; ls merged opaque'
# lines WORD...: a line each.
lines() {
	local IFS=$'\n'
	echo "$*"
}
expect 'the control: one layer' 0 "$(lines below /etc/whited-out gone was-a-directory/below merged: below '' opaque: below)" \
	from base /bin/sh -c "$look"
expect 'layers shadow each other; what was removed and replaced is gone' 0 \
	"$(lines above merged: above below '' opaque: above)" from both /bin/sh -c "$look"
expect 'the same from both read-only' 0 "$(lines above merged: above below '' opaque: above)" \
	from both --overlay none /bin/sh -c "$look"
expect 'the mode of / is that of the topmost layer' 0 '751' from both /bin/stat -c %a /
expect 'the control: that of the lower one' 0 '755' from base /bin/stat -c %a /
expect '/proc, /dev and /sys are there though the image has none' 0 "$(lines dev proc sys)" from base \
	/bin/sh -c 'cd /; ls -d proc/self >/dev/null && echo x >dev/null && ls -d proc dev sys'
expect 'the same where nothing can be written' 0 "$(lines dev proc sys)" from base --overlay none \
	/bin/sh -c 'cd /; ls -d proc/self >/dev/null && echo x >dev/null && ls -d proc dev sys'
expect 'by its whole name' 0 above from docker.io/library/both:latest /bin/cat /etc/shadowed
expect 'by its id' 0 above from "$both_id" /bin/cat /etc/shadowed
expect 'as --rootfs image:NAME' 0 above "$CE" --rootfs image:both -- /bin/cat /etc/shadowed
echo directory >"$ROOT/etc/shadowed"
ln -s root "$SCRATCH/image:both"
expect 'a directory that is called so' 0 directory "$CE" --rootfs ./image:both -- /bin/cat /etc/shadowed

many=("$base")
for ((i = 2; i <= 128; i++)); do
	layer_begin
	mkdir "$layer/etc"
	echo "$i" | tee "$layer/etc/of-$i" >"$layer/etc/shadowed"
	layer_end
	many+=("$diff_id")
done
image docker.io/library/many:latest "${many[@]}" </dev/null
expect '128 layers' 0 "$(lines 128 127)" from many /bin/sh -c 'cat /etc/shadowed; ls /etc/of-* | wc -l'
expect '128 layers, read-only' 0 "$(lines 128 127)" from many --overlay none \
	/bin/sh -c 'cat /etc/shadowed; ls /etc/of-* | wc -l'

# The empty layer of several instructions of a Dockerfile is one.
image docker.io/library/twice:latest "$above" "$base" "$above" "$base" "$above" </dev/null
expect 'a layer that is there several times is where it is topmost' 0 "$(lines above merged: above below '' opaque: above)" \
	from twice /bin/sh -c "$look"

# What kernels before 6.7 make of it: they know no "lowerdir+". The first one is refused here.
old_way() {
	local before
	ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 strace -f -o "$SCRATCH/trace" -e trace=fsconfig,mount \
		"$CE" --image "$@" /bin/true || return
	before=$(sed '/lowerdir+/,$d' "$SCRATCH/trace" | grep -c 'fsconfig(')
	ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 strace -f -o "$SCRATCH/trace" -e trace=fsconfig,mount \
		-e "inject=fsconfig:error=EINVAL:when=$((before + 1))" \
		"$CE" --image "$@" /bin/sh -c 'cat /etc/shadowed; ls /etc/of-* | wc -l; stat -c %u /etc/passwd /home/alice' &&
		grep -q 'mount("overlay", "tree", "overlay", 0, "lowerdir=0:1:' "$SCRATCH/trace"
}
expect '128 layers by mount(2)' 0 "$(lines 128 127 0 1000)" old_way many
expect '128 layers by mount(2), read-only' 0 "$(lines 128 127 0 1000)" old_way many --overlay none

# -- owners: mapped, and never written to the disk
expect 'files of the image have its owners' 0 "$(lines 0 1000)" from base /bin/stat -c %u /etc/passwd /home/alice
"$CE" --image base -- /bin/sleep 100 </dev/null &
launched=$!
true_within 5 pgrep -x sleep >/dev/null
expect 'the host sees ids of the container' 0 '[1-9][0-9]{5,}' stat -c %u "/proc/$(pgrep -x sleep)/root/etc/passwd"
end "$launched"
expect 'without a user namespace as well' 0 "$(lines 0 1000)" from base --userns host /bin/stat -c %u /etc/passwd /home/alice

# -- writes
digest() {
	tar --sort=name --numeric-owner --format=pax --pax-option=delete=atime,delete=ctime --xattrs \
		--xattrs-include='*' -C "$STORE" -cf - . | sha256sum
}
vandal='echo x >/etc/passwd; rm -rf /home/alice; mkdir /new; echo y >/new/file
	mv /etc/group /etc/moved; ln -s /etc /link; touch -d 2001-01-01 /root; chown 7 /etc/shadowed; rm /etc/of-7
	cat /etc/passwd /new/file; ls /etc/of-7 2>/dev/null; chmod 0 /bin/busybox'
before=$(digest)
printf x >>"$STORE/layers/${above#sha256:}/tree/etc/shadowed"
holds 'the control: the digest sees one byte' fails [ "$(digest)" = "$before" ]
truncate -s -1 "$STORE/layers/${above#sha256:}/tree/etc/shadowed"
before=$(digest)
expect 'everything can be changed inside' 0 "$(lines x y)" from many /bin/sh -c "$vandal"
expect 'the next container starts anew' 0 "$(lines root 7)" from many \
	/bin/sh -c 'head -c 4 /etc/passwd; echo; cat /etc/of-7; ls /new 2>/dev/null; true'
mkdir "$SCRATCH/layers"
expect '--overlay DIR: everything can be changed inside' 0 "$(lines x y)" \
	from many --overlay "$SCRATCH/layers" /bin/sh -c "$vandal"
expect '--overlay DIR: it stays' 126 '' from many --overlay "$SCRATCH/layers" /bin/busybox
expect '--overlay DIR: it is the host'"'"'s to see' 0 "$(lines x y)" cat "$SCRATCH/layers/upper/etc/passwd" "$SCRATCH/layers/upper/new/file"
expect '--overlay none: nothing can be written' 1 'below' from base --overlay none \
	/bin/sh -c 'cat /etc/shadowed; echo x 2>/dev/null >/etc/shadowed'
expect '--overlay none: not as root with --cap-add sys_admin either' 0 'no' from base --overlay none --cap-add sys_admin \
	/bin/sh -c 'mount -o remount,rw / 2>/dev/null; echo x 2>/dev/null >/etc/shadowed || echo no'
expect '--read-only: nothing can be written' 1 'below' from base --read-only \
	/bin/sh -c 'cat /etc/shadowed; echo x 2>/dev/null >/etc/shadowed'
expect 'volumes are there' 0 'there' from base --volume "$SCRATCH:/made/here" /bin/sh -c '[ -d /made/here/store ] && echo there'
refuses '--overlay none: no place for one can be made' 125 'add --overlay tmpfs' \
	from base --overlay none --volume "$SCRATCH:/made/here" /bin/true
holds 'the store is byte-identical after all of that' [ "$(digest)" = "$before" ]
foreign=$(find "$STORE" -uid +65535 -o -gid +65535)
holds 'no id of a container is in it' [ -z "$foreign" ]

# -- what is privileged in an image
expect 'set-user-ID files gain nothing' 0 '1000 1000' from base --user alice /bin/ids
expect 'the control: with --allow-setuid they do' 0 '1000 0' from base --allow-setuid --user alice /bin/ids
expect 'device nodes are none' 0 'no' from base --userns host /bin/sh -c 'echo x 2>/dev/null >/srv/null || echo no'
expect 'the control: the container'"'"'s own is' 0 'yes' from base --userns host /bin/sh -c 'echo x 2>/dev/null >/dev/null && echo yes'
layer_begin
ln -s /etc "$layer/dev"
layer_end
image docker.io/library/astray:latest "$base" "$diff_id" </dev/null
refuses 'an image whose /dev is a link' 125 '/dev in the root is not a directory' from astray /bin/true

# -- what an image says of its command
image docker.io/library/says:latest "$base" <<'END'
env PATH=/probe:/bin
env A=image
env B=image
entrypoint /bin/sh
entrypoint -c
entrypoint echo entry: "$@"; echo $A $B; pwd; id -u
entrypoint 0
cmd by default
workdir /home/alice
user alice:lab
END
says="$(lines 'image image' /home/alice 1000)"
expect 'Entrypoint, Cmd, Env, WorkingDir, User' 0 "entry: by default"$'\n'"$says" from says
expect 'words of the command line in place of Cmd' 0 "entry: a b"$'\n'"$says" from says a b
image docker.io/library/elsewhere:latest "$base" <<-END
	workdir /made/for/it
	cmd pwd
END
expect 'a WorkingDir that is not there is made' 0 '/made/for/it' from elsewhere
expect 'and belongs to root' 0 '0:0 755' from elsewhere -- stat -c '%u:%g %a' /made/for/it
expect 'another one that is asked for, too' 0 '/other' from elsewhere --workdir /other
refuses 'not where nothing is written' 125 '--workdir: /made/for/it' from elsewhere --overlay none
refuses 'and no file becomes one' 125 '--workdir.*/etc/passwd' from elsewhere --workdir /etc/passwd
holds 'nothing of it is in the image' [ -z "$(find "$STORE/layers" -name made)" ]
expect 'options win' 0 "$(lines 'entry: a' 'mine image' / 0)" from says --env A=mine --workdir / --user root -- a
expect '--clear-env is without the image'"'"'s as well' 0 "$(lines 'entry: a' '' /home/alice 1000)" from says --clear-env a
expect '--entrypoint, and no Cmd' 0 '' from says --entrypoint /bin/echo
expect '--entrypoint with words' 0 'a b' from says --entrypoint echo a b
expect '--entrypoint "": none' 0 '1000' from says --entrypoint '' id -u
refuses '--entrypoint "" and no words' 125 'there is no command to run' from says --entrypoint ''
refuses 'an image that says nothing, and no words' 125 'neither Entrypoint nor Cmd' from base
refuses '--entrypoint without an image' 125 '^contain-exec: --entrypoint: is for images' jail --entrypoint /bin/sh -- id
image docker.io/library/path:latest "$base" <<<'env PATH=/probe'
expect 'commands are looked for in its PATH' 0 '0 0' from path ids
expect 'the control: not elsewhere' 127 '' from path cat /etc/passwd
expect '--dry-run says which it is' 0 '' sh -c "'$CE' --image path --dry-run -- ids | grep -q '\"image\":\"$image_id\"' "
mkdir -p /etc/contain/groups
# default.conf has a limit that not every group of a test can have.
printf '[rootfs]\nsource = image:says\n[environment]\nB = policy\n[limits]\npids = unlimited\n' >/etc/contain/groups/lab.conf
expect '--policy names an image' 0 "$(lines 'entry: x' 'image policy' /home/alice 1000)" "$CE" --policy lab -- x
expect 'the policy'"'"'s is not used with --rootfs' 0 '0' "$CE" --policy lab --rootfs "$ROOT" -- /bin/id -u

# -- what is not there
refuses 'an image that is not there' 125 \
	'^contain-exec: --rootfs: the image nope:1 is not on this machine: containctl image pull nope:1$' from nope:1 /bin/true
printf '[rootfs]\nsource = image:nope\n' >/etc/contain/groups/lab.conf
refuses 'one that a policy names' 125 \
	'^contain-exec: /etc/contain/groups/lab.conf:2: \[rootfs\] source: the image nope is not on' "$CE" --policy lab -- /bin/true
refuses 'but not one of the command line in its place' 125 \
	'^contain-exec: --rootfs: the image other is not on' "$CE" --policy lab --image other -- /bin/true
refuses 'what is no name' 125 '^contain-exec: --image: "-x" is not the name of an image' from -x /bin/true
refuses 'what is no name by all of the grammar' 125 '^contain-exec: --rootfs: ' from UPPER /bin/true
image docker.io/library/part:latest "$base" "sha256:$(printf '%064x' 999999)" </dev/null
refuses 'a layer that is missing' 125 '^contain-exec: --rootfs: .*layer sha256:0*f423f' from part /bin/true
image docker.io/library/broken:latest "$base" <<<'nonsense x'
refuses 'a record that is damaged' 125 'is damaged' from broken /bin/true
rm "$STORE/images/${image_id#sha256:}" "$STORE/names/docker.io%library%broken:latest"
make_user
refuses 'only for root' 125 '^contain-exec: --rootfs: images are root'"'"'s.* use --rootfs DIR' \
	"${as_user[@]}" "$CE" --image base -- /bin/true
CE=$BUILD/contain-exec
mount -t tmpfs -o mode=0700 none "$STORE"
refuses 'a machine without images' 125 'the image base is not on this machine|cannot open' from base /bin/true
umount "$STORE"

# -- all containers have the same memory for a file of an image
layer_begin
head -c 4M /dev/zero >"$layer/large"
layer_end
image docker.io/library/large:latest "$base" "$diff_id" </dev/null
large=$STORE/layers/${diff_id#sha256:}/tree/large
sync "$large"
# The pages of it that are in memory.
resident() {
	"$PYTHON" -c 'import ctypes, mmap, os, sys
file = os.open(sys.argv[1], os.O_RDONLY)
size = os.fstat(file).st_size
memory = mmap.mmap(file, size, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
pages = (ctypes.c_ubyte * (size // mmap.PAGESIZE))()
place = ctypes.addressof(ctypes.c_char.from_buffer(memory))
assert ctypes.CDLL(None).mincore(ctypes.c_void_p(place), ctypes.c_size_t(size), pages) == 0
print(sum(page & 1 for page in pages) * 100 // len(pages), "percent")' "$large"
}
"$PYTHON" -c 'import os, sys; os.posix_fadvise(os.open(sys.argv[1], os.O_RDONLY), 0, 0, os.POSIX_FADV_DONTNEED)' "$large"
expect 'the control: nobody has read it' 0 '0 percent' resident
expect 'one container reads it' 0 '4194304' from large /bin/sh -c 'cat /large | wc -c'
expect 'and then it is in memory, by the page cache of the layer itself' 0 '100 percent' resident

# -- while it runs
record=$STORE/images/${both_id#sha256:}
"$CE" --image both -- /bin/sleep 100 </dev/null &
launched=$!
true_within 5 pgrep -x sleep >/dev/null
refuses 'a live container keeps its image' 1 'a container runs from the image' "$CTL" image rm "$both_id"
holds 'by a lock' fails flock --exclusive --nonblock "$record" true
"$CE" --image both -- /bin/sleep 100 </dev/null &
second=$!
true_within 5 eval '[ "$(pgrep -cx sleep)" -eq 2 ]'
kill -9 "$launched"
wait "$launched" 2>/dev/null
true_within 5 eval '[ "$(pgrep -cx sleep)" -eq 1 ]'
holds 'the other one keeps it still' fails flock --exclusive --nonblock "$record" true
kill -9 "$second"
wait "$second" 2>/dev/null
holds 'and lets go when it is killed' true_within 5 flock --exclusive --nonblock "$record" true
expect 'the control: it can be removed now' 0 '.*' "$CTL" image rm both
refuses 'and is gone' 125 'not on this machine' from both /bin/true
record=$STORE/images/$(basename "$(readlink "$STORE/names/docker.io%library%many:latest")")
for ((i = 0; i < 40; i++)); do
	"$CE" --image many -- /bin/sleep 100 </dev/null 2>/dev/null &
	sleep "0.00$((RANDOM % 10))"
	kill -9 $!
	wait $! 2>/dev/null
done
holds 'killed at any moment, they let go' true_within 5 flock --exclusive --nonblock "$record" true
"$CE" --image base -- /bin/true # what the killed ones have left
nothing_left 'nothing is left of all these containers'
finish
