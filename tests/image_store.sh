# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A store of images for a test, made by hand. Sourced after lib.sh.
#
#	store_begin DIR			/var/lib/contain is DIR from now on, in this world only
#	layer_begin			an empty layer; its tree is "$layer"
#	layer_end			into the store; its name there is "$diff_id"
#	image NAME DIFFID... <<END	an image of these layers, the lowest first; stdin has more lines of its
#					record. Its id is then "$image_id"
#
# NAME is a whole one: docker.io/library/debian:12.

# shellcheck disable=SC2034 # what the functions return

STORE=/var/lib/contain

store_begin() {
	mkdir -p "$1"
	chmod 0700 "$1"
	mkdir -m 0700 "$1"/{names,images,layers,staging}
	# The machine's own is not to be seen, and no mount point made there.
	[ "${2:-}" = host ] || mount -t tmpfs -o mode=0755 tmpfs /var/lib
	mkdir -p "$STORE"
	mount --bind "$1" "$STORE"
}

layer_begin() {
	layer=$STORE/staging/new
	mkdir -m 0755 "$layer"
}

# Called by a number: nobody computes what is in it here.
layers_made=0
layer_end() {
	local hex
	layers_made=$((layers_made + 1))
	hex=$(printf '%064x' "$layers_made")
	mkdir -m 0700 "$STORE/layers/$hex"
	mv "$layer" "$STORE/layers/$hex/tree"
	printf 'contain-layer 1\nsize 1\nentries 1\ntree sha256:%064x\nend\n' 0 >"$STORE/layers/$hex/layer"
	diff_id=sha256:$hex
}

images_made=0
image() {
	local name=$1 hex
	shift
	images_made=$((images_made + 1))
	hex=$(printf '%064x' $((0xabc00000 + images_made)))
	{
		printf 'contain-image 1\nid sha256:%s\narchitecture amd64\n' "$hex"
		printf 'layer %s\n' "$@"
		cat
		echo end
	} >"$STORE/images/$hex"
	ln -sfn "../images/$hex" "$STORE/names/${name//\//%}"
	image_id=sha256:$hex
}
