#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# shellcheck disable=SC2016 # what stands in single quotes is for another program
# A whole Debian, as mmdebstrap makes it, through a registry: what umoci makes of it and what we do are the
# same, and it runs.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/images/registry.sh
. "$top/tests/images/registry.sh"
if ! archive=$("$top/tests/images/debian" --archive); then
	skip 'a Debian' "$archive"
	exit 0
fi
make_store
trap 'code=$?; kill "${servers[@]}" 2>/dev/null; [ "$code" -ne 0 ] && exit "$code"; finish' EXIT

umoci init --layout oci
umoci new --image oci:12
holds 'a Debian becomes an image' umoci raw add-layer --image oci:12 "$archive"
umoci config --image oci:12 --config.cmd /bin/cat --config.cmd /etc/debian_version
registry 5000
holds 'and goes to a registry' push 12 debian:12
expect 'from which it is pulled' 0 '127.0.0.1:5000/debian:12 sha256:[0-9a-f]+ \(1 layers, 1 new\)' \
	bash -c '"$@" | tail -n 1' bash "$CTL" image pull --insecure 127.0.0.1:5000/debian:12
umoci unpack --image oci:12 bundle
"$PYTHON" "$top/tests/images/tree.py" bundle/rootfs >theirs
holds 'the control: there is much to compare' [ "$(wc -l <theirs)" -ge 2000 ]
"$PYTHON" "$top/tests/images/tree.py" "$STORE"/layers/*/tree >ours
holds 'every file is as umoci unpacks it' diff theirs ours
holds 'exported, too' "$CTL" image export 127.0.0.1:5000/debian:12 exported
"$PYTHON" "$top/tests/images/tree.py" exported >ours
holds 'every file is as umoci unpacks it, exported' diff theirs ours
expect 'it runs as it says itself' 0 '12\.[0-9]+' "$CE" --image 127.0.0.1:5000/debian:12
expect 'and has its packages' 0 'install ok installed' "$CE" --image 127.0.0.1:5000/debian:12 -- \
	dpkg-query -f '${Status}' -W base-files
expect 'which can be removed, for a container alone' 0 '' "$CE" --image 127.0.0.1:5000/debian:12 -- \
	sh -c 'rm -rf /usr/share && [ ! -e /usr/share ]'
expect 'nothing of it has changed' 0 '1 layers looked at, 0 damaged' "$CTL" image verify
expect 'from the archive itself it is the same layer' 0 'debian:imported sha256:[0-9a-f]+ .*' \
	"$CTL" image import "$archive" debian:imported
holds 'which is there once' [ "$(find "$STORE/layers" -mindepth 1 -maxdepth 1 | wc -l)" = 1 ]
