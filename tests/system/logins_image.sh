#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 120
# Logins into containers from an image, and what becomes of them where it is not there.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside, or eval
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/host/host.sh
. "$top/tests/host/host.sh"
# shellcheck source=tests/host/jails.sh
. "$top/tests/host/jails.sh"
# shellcheck source=tests/image_store.sh
. "$top/tests/image_store.sh"
host_start
host_install
jails_on
store_begin /srv/store host
remember_host

layer_begin
programs_root "$layer" bash sh id cat ls sleep touch stat env rm
echo below >"$layer/etc/marker"
cp "$layer/usr/bin/id" "$layer/usr/bin/id-of-root"
chmod 04755 "$layer/usr/bin/id-of-root"
layer_end
base=$diff_id
layer_begin
mkdir "$layer/etc"
echo above >"$layer/etc/marker"
layer_end
above=$diff_id
make_image() {
	image docker.io/library/lab:1 "$base" "$above" <<-'END'
		env FROM_IMAGE=yes
		env PATH=/nowhere
		entrypoint /bin/false
		workdir /etc
		user nobody
	END
}
make_image
policy groups/students.conf <<-'END'
	[jail]
	enable = yes
	grace = 0
	[rootfs]
	source = image:lab:1
END

about='cat /etc/marker; id -un; pwd; echo "${FROM_IMAGE-none}"; touch /tmp/made ~/made; stat -c "%U" /etc/marker /tmp/made ~/made'
seen=$'above\nalice\n/home/alice\nnone\nroot\nalice\nalice'
expect 'ssh: in the image, as herself and at home, without what it says of commands' 0 "$seen" ssh_as alice "$about"
expect 'su: likewise' 0 "$seen" su - alice -c "$about"
expect 'sudo: likewise' 0 "$seen" sudo -iu alice sh -c "$about"
expect 'the control: who is not of the group is not in it' 0 'none' su bob -c 'cat /etc/marker 2>/dev/null || echo none'
expect 'set-user-ID files of it gain nothing' 0 'uid=1001.alice. gid=1001.alice. groups=.*' ssh_as alice id-of-root
expect 'what one container wrote the next one does not see' 0 '' ssh_as alice 'ls -A /tmp'
expect 'but in the home' 0 made ssh_as alice 'ls made'
holds 'nothing is in the store' [ -z "$(find "$STORE" -name made)" ]
expect '--as: in the image with its variables, and nobody else' 0 $'above\nalice\n/home/alice\nyes' \
	contain-exec --entrypoint '' --as alice -- /bin/sh -c 'PATH=/bin; cat /etc/marker; id -un; pwd; echo $FROM_IMAGE'

# -- as long as somebody is in it
record=$STORE/images/${image_id#sha256:}
ssh_behind alice 'sleep 60' </dev/null
true_within 5 jail_is_there user-1001
true_within 5 is_running sleep
refuses 'an image that somebody is logged in to cannot be removed' 1 'a container runs from the image' \
	containctl image rm "$image_id"
kill -KILL "$(supervisor_of user-1001)"
wait "$behind" 2>/dev/null
holds 'it can when the supervisor is killed' true_within 5 flock --exclusive --nonblock "$record" true
containctl image rm lab:1
refused_by_all() {
	is_refused "$1: ssh" "$2" ssh_as alice 'echo inside-or-outside'
	is_refused "$1: su" "$2" su alice -c 'echo inside-or-outside'
	is_refused "$1: sudo runs nothing" "$2" sudo -u alice sh -c 'echo inside-or-outside'
}
where='/etc/contain/groups/students.conf:5: \[rootfs\] source: '
refused_by_all 'an image that is gone' "${where}the image lab:1 is not on this machine: containctl image pull lab:1"

# -- what containctl doctor says of it
findings() {
	containctl doctor --json | "$PYTHON" -c 'import json, sys
for finding in json.load(sys.stdin)["findings"]:
    if finding["check"] == "images":
        print(finding["level"], finding["about"], finding["command"])'
}
expect 'doctor finds it' 0 'problem lab:1 containctl image pull lab:1' findings
expect 'policy check is about the files' 0 '' containctl policy check
layers_made=0
mkdir -p "$STORE/staging"
for marker in below above; do
	layer_begin
	[ "$marker" = above ] || programs_root "$layer" bash sh id cat ls sleep touch stat env rm
	mkdir -p "$layer/etc"
	echo "$marker" >"$layer/etc/marker"
	layer_end
done
make_image
expect 'doctor is content' 0 '' findings
expect 'the next login works' 0 above ssh_as alice 'cat /etc/marker'
mv "$STORE/layers/${above#sha256:}" "$STORE/staging/away"
expect 'doctor finds a layer that is missing' 0 'problem lab:1 containctl image pull lab:1' findings
refused_by_all 'a layer that is gone' "${where}image lab:1: the layer $above of the image is not there"
mv "$STORE/staging/away" "$STORE/layers/${above#sha256:}"
sed -i 's/^end$//' "$STORE/images/${image_id#sha256:}"
refused_by_all 'a record that is damaged' "${where}.* is damaged"
echo end >>"$STORE/images/${image_id#sha256:}"
sed -i '/^$/d' "$STORE/images/${image_id#sha256:}"
chmod 0755 "$STORE"
refused_by_all 'a store that others can enter' "${where}.*must be root's"
chmod 0700 "$STORE"
expect 'the next login works again' 0 above ssh_as alice 'cat /etc/marker'

# -- names that depend on who it is
image docker.io/library/of-alice:latest "$base" </dev/null
sed -i 's/^source.*/source = image:of-%u/' /etc/contain/groups/students.conf
expect 'an image for each account' 0 below ssh_as alice 'cat /etc/marker'
expect 'doctor does not ask for that of nobody in particular' 0 '' findings
printf '[jail]\nenable = yes\n[rootfs]\nsource = image:for-%%u\n' | policy users/alice.conf
expect 'but for that of an account' 0 'problem for-alice containctl image pull for-alice' findings
rm /etc/contain/users/alice.conf
holds 'every jail has ended' no_jails
host_stop
nothing_left 'nothing is left'
