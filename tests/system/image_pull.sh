#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 420
# Images from registries and archives: what comes, and what is left when it does not.
# shellcheck disable=SC2016 # what stands in single quotes is for other shells
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/images/registry.sh
. "$top/tests/images/registry.sh"
for program in skopeo docker-registry umoci openssl; do
	command -v "$program" >/dev/null || {
		skip 'images are pulled' "$program is not installed"
		exit
	}
done
remember_host
make_store
sha='sha256:[0-9a-f]{64}'

# -- images: small ones that share layers, many layers, large ones
"$make" oci small files:3:40000:1 files:2:50000:2 files:1:10:3 >/dev/null
"$make" oci more files:3:40000:1 files:2:50000:2 files:4:30000:4 files:1:70000:5 >/dev/null
"$make" oci others files:4:30000:4 files:1:70000:5 files:1:80000:6 >/dev/null
"$make" oci large files:3:400000:11 files:3:400000:12 files:3:400000:13 >/dev/null
mapfile -t hundred < <(seq -f 'files:2:3000:%g' 1000 1099)
"$make" oci hundred "${hundred[@]}" >/dev/null
"$make" oci twice files:1:60000:21 files:1:10:3 files:1:60000:21 >/dev/null
"$make" --compression none oci bare files:2:3000:1 >/dev/null
"$make" --arch mips oci mips files:1:10:1 >/dev/null
"$make" --os windows oci windows files:1:10:1 >/dev/null
"$make" --arch "mips,$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')" oci index files:2:10:1 files:2:10:2 >/dev/null
"$make" --arch mips,s390x-none oci foreign-index files:1:10:1 files:1:10:2 >/dev/null
"$make" --layer-type application/vnd.oci.image.layer.nondistributable.v1.tar+gzip oci elsewhere files:1:10:1 >/dev/null
"$make" --layer-type application/vnd.oci.image.layer.v1.tar+gzip+encrypted oci encrypted files:1:10:1 >/dev/null
registry 5000
for name in small more others large hundred bare mips; do
	push "$name" "$name:1"
done
skopeo copy -q --all --dest-tls-verify=false oci:oci:index docker://127.0.0.1:5000/index:1
echo ok >mode
: >log
"$PYTHON" "$top/tests/images/front.py" 5001 5000 mode log &
servers+=($!)
true_within 5 listens 5001
pull() {
	"$CTL" image pull --insecure "$@"
}

# -- a registry, and what is said of it
id=$("$make" --id oci small files:3:40000:1 files:2:50000:2 files:1:10:3 | sed -n 1p)
expect 'from a registry by http' 0 "127\.0\.0\.1:5000/small:1 $id \(3 layers, 3 new\)" pull 127.0.0.1:5000/small:1
holds 'one line a layer' eval '[ "$(grep -cE "^layer [0-9a-f]{12}: done, " <<<"$err")" -eq 3 ]'
holds 'it is in the store, whole' store_is_whole
holds 'and called so' "$CTL" image show 127.0.0.1:5000/small:1
expect 'once more: it is up to date' 0 ".* $id is up to date \(3 layers\)" pull 127.0.0.1:5000/small:1
expect 'another that shares layers' 0 ".*\(4 layers, 2 new\)" pull docker://127.0.0.1:5000/more:1
manifest=$(skopeo inspect --tls-verify=false --format '{{.Digest}}' docker://127.0.0.1:5000/others:1)
expect 'by digest, with --quiet' 0 "$sha" pull --quiet "127.0.0.1:5000/others:1@$manifest"
holds 'and nothing else' test -z "$err"
expect 'a hundred layers' 0 '.*\(100 layers, 100 new\)' pull 127.0.0.1:5000/hundred:1
expect 'a layer that is in it twice' 0 '.*\(3 layers, [12] new\)' "$CTL" image pull oci:oci:twice
expect 'an uncompressed layer' 0 '.*\(1 layers, 1 new\)' pull 127.0.0.1:5000/bare:1
expect 'an index: the image of this architecture' 0 '.*\(1 layers, 1 new\)' pull 127.0.0.1:5000/index:1
check_json() {
	pull --json "$@" | "$PYTHON" -c '
import json, sys
events = [json.loads(line) for line in sys.stdin]
assert all(e["version"] == 1 for e in events)
last = {e["digest"]: e for e in events if e["event"] == "layer"}
assert len(last) == 3 and all(e["state"] in ("done", "present") for e in last.values()), last
assert events[-1]["event"] == "done" and events[-1]["layers"] == 3 and events[-1]["id"], events[-1]'
}
empty_store
holds '--json: an event a line' check_json 127.0.0.1:5000/small:1
holds '--json: also of layers that are there' check_json 127.0.0.1:5000/small:1
expect '--json: what cannot be' 1 '\{"version":1,"event":"error","message":".*is not the name.*"\}' pull --json UPPER
expect '--json: what went wrong' 1 '\{"version":1,"event":"error","message":".*unknown.*"\}' pull --json 127.0.0.1:5000/none:1

# -- as docker pushes: with the id that docker has
skopeo copy -q --format v2s2 --dest-tls-verify=false oci:oci:small docker://127.0.0.1:5000/docker:1
docker_id=sha256:$(skopeo inspect --tls-verify=false --raw --config docker://127.0.0.1:5000/docker:1 | sha256sum | cut -d' ' -f1)
expect 'an image of docker' 0 "127\.0\.0\.1:5000/docker:1 $docker_id \(3 layers, 0 new\)" pull 127.0.0.1:5000/docker:1

# -- files
cp -r oci Layout.oci
skopeo copy -q oci:oci:small oci-archive:archive.tar:small
skopeo copy -q oci:oci:small docker-archive:docker.tar:example.org/some/thing:7
archive_id=sha256:$(skopeo inspect --raw --config docker-archive:docker.tar | sha256sum | cut -d' ' -f1)
expect 'oci: gets a name of its own' 0 "localhost/oci:small $id .*" "$CTL" image pull oci:oci:small
expect 'in small letters' 0 "localhost/layout:more .*" "$CTL" image pull "oci:$SCRATCH/Layout.oci:more"
expect 'or the one that is said' 0 "docker.io/library/thing:2 $id .*" "$CTL" image pull oci:oci:small thing:2
expect 'oci-archive:' 0 "localhost/archive:small $id \(3 layers, 0 new\)" "$CTL" image pull oci-archive:archive.tar:small
expect 'oci-archive: with the only one that is in it' 0 "localhost/archive:latest $id .*" "$CTL" image pull oci-archive:archive.tar
expect 'docker-archive:' 0 "example\.org/some/thing:7 $archive_id \(3 layers, 0 new\)" \
	"$CTL" image pull docker-archive:docker.tar:example.org/some/thing:7
expect 'docker-archive: with the only one that is in it' 0 "localhost/docker:latest $archive_id .*" "$CTL" image pull docker-archive:docker.tar

# -- what is in an image: as umoci unpacks it
rich() {
	mkdir -p one/{bin,etc,opaque/old,gone,dir,sparse,deep/a/b} two/{opaque/new,etc}
	echo binary >one/bin/tool
	chmod 4755 one/bin/tool
	cp one/bin/tool one/bin/able
	setcap cap_net_raw+ep one/bin/able
	ln one/bin/tool one/bin/tool-again
	ln -s /etc/passwd one/etc/link
	ln -s missing one/etc/dangling
	echo one >one/etc/passwd
	echo note >one/etc/link-not
	echo two >two/etc/passwd
	chmod 600 two/etc/passwd
	echo x >"one/etc/grüße $(printf '\xff\n')"
	echo x >"one/etc/$(printf 'n%.0s' $(seq 200))"
	truncate -s 3M one/sparse/holes
	echo end >>one/sparse/holes
	truncate -s 5M one/sparse/nothing
	"$PYTHON" -c 'import os; os.setxattr("one/etc/link-not", "user.note", b"hello")'
	touch one/opaque/old/file one/gone/file one/dir/file two/.wh.gone two/opaque/.wh..wh..opq two/dir
	chown 1000:1001 one/opaque one/deep/a/b
	chown -h 33:65534 one/etc/link
	chmod 1777 one/deep
	touch -d '2001-02-03 04:05:06' one/etc/link -h one/bin one/etc/passwd
	"$make" oci rich one two >layers
	umoci unpack --image oci:rich bundle
	"$CTL" image pull --quiet oci:oci:rich rich || return 1
	mkdir merged
	mount -t overlay -o "ro,lowerdir=$(sed -n "2s|sha256:\(.*\)|$STORE/layers/\1/tree|p" layers):$(
		sed -n "1s|sha256:\(.*\)|$STORE/layers/\1/tree|p" layers)" overlay merged
}
holds 'an image with all there is' rich
run "$PYTHON" "$top/tests/images/tree.py" bundle/rootfs
theirs=$out
run "$PYTHON" "$top/tests/images/tree.py" merged
ours=$out
holds 'the control: there is much to compare' test "$(wc -l <<<"$theirs")" -ge 20
if [ "$ours" = "$theirs" ]; then
	ok 'is what umoci makes of it, file by file'
else
	not_ok 'is what umoci makes of it, file by file' "$(diff <(echo "$theirs") <(echo "$ours"))"
fi
umount merged

# -- refused before anything is done
before=$(store_state)
says() {
	local name=$1 code=$2 pattern=$3
	shift 3
	refuses "$name" "$code" "$pattern" "$@"
	[ "$(store_state)" = "$before" ] || not_ok "$name: the store is as it was" "$(diff <(echo "$before") <(store_state))"
}
says 'another architecture' 1 'architecture "mips", and this machine is' "$CTL" image pull --quiet oci:oci:mips
says 'an index without this architecture' 1 'no image found in (manifest list|image index)' "$CTL" image pull --quiet oci:oci:foreign-index
says 'another system' 1 'the image is for "windows", and not for linux|no image found' "$CTL" image pull --quiet oci:oci:windows
says 'a layer that lies elsewhere' 1 'nondistributable' "$CTL" image pull --quiet oci:oci:elsewhere
says 'an encrypted layer' 1 'encrypted' "$CTL" image pull --quiet oci:oci:encrypted
says 'a tag that is not there' 1 'nothing' "$CTL" image pull --quiet oci:oci:nothing
says 'a file that is not there' 1 'no such file|not found' "$CTL" image pull --quiet oci-archive:nothing.tar
says 'a file that is none' 1 'skopeo: ' "$CTL" image pull --quiet oci-archive:mode
says 'no name' 1 'is not the name of an image' "$CTL" image pull --quiet UPPER
says 'an id' 1 'no registry knows images by their ids' "$CTL" image pull --quiet "$id"
says 'a name that no file can have' 1 'longer than a file name' "$CTL" image pull --quiet oci:oci:small "$(printf 'n%.0s' $(seq 220)):$(printf 't%.0s' $(seq 60))"
says 'a second name for a registry' 1 'called as it is there' "$CTL" image pull --quiet debian:12 other
says 'an image that the registry has not' 1 'manifest unknown|name unknown' pull --quiet 127.0.0.1:5000/none:1
says 'a registry that is gone' 1 'connection refused' pull --quiet 127.0.0.1:5999/small:1
says 'a registry by http, without --insecure' 1 'HTTP response to HTTPS client' "$CTL" image pull --quiet 127.0.0.1:5000/small:1
says 'an option that is wrong' 1 '^containctl: --max-size: ' pull --quiet --max-size x 127.0.0.1:5000/small:1
says 'another' 1 '^containctl: --max-entries: "0" is not' pull --quiet --max-entries 0 127.0.0.1:5000/small:1
mv /etc/containers/policy.json /etc/containers/away.json
HOME=/nowhere says 'without a policy of signatures' 1 'without /etc/containers/policy.json' pull --quiet 127.0.0.1:5000/small:1
mv /etc/containers/away.json /etc/containers/policy.json
mount --bind /dev/null /usr/bin/skopeo
says 'without skopeo' 1 'install the package skopeo' pull --quiet 127.0.0.1:5000/small:1
umount /usr/bin/skopeo
cat >old-skopeo <<-'END'
	#!/usr/bin/python3
	import socket
	s = socket.socket(fileno=3)
	s.recv(9999)
	s.send(b'{"success":true,"value":"1.0.0","pipeid":0,"error":""}')
	s.recv(9999)
END
chmod 755 old-skopeo
mount --bind old-skopeo /usr/bin/skopeo
says 'a protocol that is not known' 1 'version 1\.0\.0 of the protocol.* only 0\.2\.x' pull --quiet 127.0.0.1:5000/small:1
echo '#!/bin/sh
echo "time=\"x\" level=fatal msg=\"it has a bad day\"" >&2
exit 1' >old-skopeo
says 'a skopeo that ends' 1 'skopeo: it has a bad day$' pull --quiet 127.0.0.1:5000/small:1
umount /usr/bin/skopeo
holds 'the control: with all of it' pull --quiet 127.0.0.1:5000/small:1

# -- who has a password, and TLS
make_certificates
# "secret", by bcrypt, which is all that the registry takes
echo 'reader:$2b$05$JvR6EL/vob64TQSrffO0XeG3Eb2zis0hxbz2t7D4r1FqQT7IlFL4y' >htpasswd
registry 5002 "auth: {htpasswd: {realm: test, path: $SCRATCH/htpasswd}}"
registry_tls=1 registry 5003
authfile() {
	echo "{\"auths\":{\"127.0.0.1:5002\":{\"auth\":\"$(printf %s "$1" | base64)\"}}}" >"$2"
	chmod 600 "$2"
}
authfile reader:secret good.json
authfile reader:wrong bad.json
before=$(store_state)
says 'a password is wanted' 1 'unauthorized|authentication required' pull --quiet 127.0.0.1:5002/small:1
says 'it is wrong' 1 'unauthorized|authentication required|invalid username' pull --quiet --authfile bad.json 127.0.0.1:5002/small:1
expect 'it is right' 0 ".*127\.0\.0\.1:5002/small:1 $id .*" pull --authfile good.json 127.0.0.1:5002/small:1
expect 'or where $REGISTRY_AUTH_FILE says' 0 "$id" env REGISTRY_AUTH_FILE="$SCRATCH/good.json" "$CTL" image pull --quiet --insecure 127.0.0.1:5002/small:1
before=$(store_state)
says 'TLS of a stranger' 1 'x509|certificate' "$CTL" image pull --quiet 127.0.0.1:5003/small:1
expect 'TLS, with the CA' 0 "$id" "$CTL" image pull --quiet --cert-dir tls/trusted 127.0.0.1:5003/small:1
expect 'TLS of a stranger, with --insecure' 0 "$id" pull --quiet 127.0.0.1:5003/small:1

# -- networks and registries as they are
empty_store
holds 'something is in the store' pull --quiet 127.0.0.1:5001/small:1
before=$(store_state)
names_and_images() {
	store_state | grep -v '^layers/'
}
# spoilt NAME MODE PATTERN [OPTION...]: with MODE the pull of the large image fails, and leaves no more than layers that are
# complete; then it works without.
spoilt() {
	local known name=$1 pattern=$3
	known=$(names_and_images)
	echo "$2" >mode
	shift 3
	refuses "$name" 1 "$pattern" pull --quiet "$@" 127.0.0.1:5001/large:1
	if [ "$(names_and_images)" != "$known" ] || ! store_is_whole; then
		not_ok "$name: the store is as it was" "$(store_state)"
	fi
	echo ok >mode
}
spoilt 'connections that end too early, again and again' 'drop 100000' 'unexpected EOF|Expected [0-9]+ bytes'
spoilt 'other bytes than promised' wrong 'corrupted blob|is not what was asked for|digest'
spoilt 'less bytes than promised' short 'Expected [0-9]+ bytes|unexpected EOF|corrupted blob'
spoilt 'a server that is not well' 'code 500' '500'
spoilt 'more than is allowed: who unpacks says so, and it is not tried again' ok 'the limit' --max-size 100K
spoilt 'more files than are allowed' ok 'more than 2 entries, the limit' --max-entries 2
spoilt 'a layer that is gone' 'code 404' '404'
holds 'none of it came' test "$(store_state)" = "$before"
echo 'drop-once 100000' >mode
expect 'connections that end once: it is tried again' 0 "$sha" pull --quiet 127.0.0.1:5001/large:1
echo ok >mode
expect 'the control: all of it is there' 0 '.*up to date.*' pull 127.0.0.1:5001/large:1

# -- Ctrl-C, and who is killed
empty_store
signalled() {
	echo "$3" >mode
	env --default-signal="$1" "$CTL" image pull --insecure 127.0.0.1:5001/large:1 >out 2>err &
	true_within 5 eval '[ -n "$(ls "$STORE/staging" 2>/dev/null)" ]'
	sleep 0.5
	kill -s "$1" $!
	wait $!
	status=$?
	echo ok >mode
	[ "$status" -eq "$2" ] && [ "$(cat err)" = "containctl: 127.0.0.1:5001/large:1: stopped; what is complete stays for the next time" ] &&
		true_within 2 no_pull_lives && store_is_whole && [ -z "$(ls "$STORE/names")" ]
}
holds 'SIGINT: it says so, and nothing is half done' signalled INT 130 'slow 200000'
holds 'SIGTERM' signalled TERM 143 'slow 200000'
holds 'SIGHUP, while nothing comes' signalled HUP 129 hang

empty_store
: >log
echo 'slow 500000' >mode
# not pull(), which would be a shell
"$CTL" image pull --insecure --quiet 127.0.0.1:5001/large:1 >/dev/null &
true_within 20 eval '[ -n "$(ls "$STORE/layers" 2>/dev/null)" ]'
kill -9 $!
wait $! 2>/dev/null
echo ok >mode
holds 'kill -9: nothing of it goes on' true_within 2 no_pull_lives
there=$(find "$STORE/layers" -mindepth 1 -maxdepth 1 | wc -l)
: >log
expect 'the next time goes on where it can' 0 ".*\(3 layers, $((3 - there)) new\)" pull 127.0.0.1:5001/large:1
# shellcheck disable=SC2034 # by eval
layers=$(skopeo inspect --tls-verify=false docker://127.0.0.1:5000/large:1 | "$PYTHON" -c '
import json, sys
print("\n".join(json.load(sys.stdin)["Layers"]))')
holds 'and asks for no layer twice' eval '[ "$(grep -cF "$layers" log)" -eq '$((3 - there))' ]'

storm() {
	local i
	for i in $(seq 50); do
		"$CTL" image pull --insecure --quiet 127.0.0.1:5000/more:1 >/dev/null 2>&1 &
		sleep "0.$(printf %03d $((RANDOM % 250)))"
		kill -9 $! 2>/dev/null
		wait $! 2>/dev/null
		true_within 5 no_pull_lives || return 1
		# A name or a record that was just being made has no lock, and is collected later.
		"$CTL" image gc >/dev/null && layers_are_whole &&
			[ -z "$(find "$STORE/staging" -mindepth 1 -type d)" ] || return 1
		[ $((i % 5)) -ne 0 ] || pull --quiet 127.0.0.1:5000/more:1 >/dev/null || return 1
		"$CTL" image rm 127.0.0.1:5000/more:1 >/dev/null 2>&1
	done
}
empty_store
holds 'kill -9 at fifty moments: what is there is whole, and the next one works' storm

# -- many at once
crowd_at_once() {
	local pids=() pid bad=0 name
	rm -f said-*
	for name; do
		pull --quiet "127.0.0.1:5000/$name:1" >"said-$name-${#pids[@]}" 2>&1 &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || bad=$((bad + 1))
	done
	[ "$bad" -eq 0 ] || cat said-*
	[ "$bad" -eq 0 ] && store_is_whole
}
four=(small more others large)
empty_store
holds 'twenty at once, of images that share layers' crowd_at_once "${four[@]}" "${four[@]}" "${four[@]}" "${four[@]}" "${four[@]}"
holds 'all have their names' test "$(find "$STORE/names" -type l | wc -l)" -eq 4
holds 'each layer came once' eval '[ "$(ls "$STORE/layers" | wc -l)" -eq 9 ]'
holds 'and nothing is to be collected' eval '"$CTL" image gc | grep -q "0 images.* 0 layers.* 0 left over"'

# Who collects meanwhile takes nothing that is needed.
empty_store
pull --quiet 127.0.0.1:5000/bare:1 >/dev/null
while :; do
	"$CTL" image gc
done >collected 2>&1 &
collector=$!
holds 'while somebody collects all the time' eval 'crowd_at_once small more others large hundred'
kill "$collector"
wait "$collector" 2>/dev/null
holds 'who had nothing to complain of' eval '! grep -v "^removed: " collected'

# -- a disk that is full
empty_store
truncate -s 3M disk
if mkfs.ext4 -q -O ^has_journal -m 0 disk 2>/dev/null && mkdir -m 0700 "$STORE" && mount -o loop disk "$STORE" 2>/dev/null; then
	rmdir "$STORE/lost+found"
	chmod 0700 "$STORE"
	refuses 'a full disk' 1 'No space left on device' pull --quiet 127.0.0.1:5000/large:1
	holds 'nothing is half done' eval 'store_is_whole && [ -z "$(ls "$STORE/names")" ]'
	"$CTL" image gc >/dev/null
	expect 'the control: what fits comes' 0 "$id" pull --quiet 127.0.0.1:5000/small:1
	umount "$STORE"
else
	skip 'a full disk' 'no loop device can be had'
fi

# -- a terminal
empty_store
on_terminal() {
	TERM=xterm "$PYTHON" "$top/tests/host/keyboard.py" --seconds $((20 * slow)) --size "$1" "$2" "$CTL" image pull --insecure "$3"
}
echo 'slow 2000000' >mode
holds 'a terminal has bars' on_terminal 24x80 \
	$'expect [0-9a-f]{12} pulling +\\[=*>? *\\] +[0-9.]+[BKM]/1\\.1M\nexpect all layers +3/3 +\\[=+\\]\nexpect 3 layers, 3 new' 127.0.0.1:5001/large:1
holds 'which fit' eval '! tr -d "\r" <out | sed "s/\x1b\[[0-9]*[A-Z]//g" | grep -qE "^(all layers|[0-9a-f]{12} ).{68}"'
empty_store
holds 'more layers than lines: a sum' on_terminal 10x60 $'expect all layers +[0-9]+/100\nexpect 100 layers, 100 new' 127.0.0.1:5000/hundred:1
holds 'Ctrl-C at a terminal' eval 'on_terminal 24x80 "expect pulling
send \\x03
expect stopped" 127.0.0.1:5001/more:1; [ $? -eq 130 ]'
echo ok >mode

kill "${servers[@]}"
wait "${servers[@]}" 2>/dev/null
umount /var/lib
nothing_left 'nothing is left'
finish
