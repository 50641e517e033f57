# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Registries of the tests of images, on 127.0.0.1 in the test's world, and a store of its own. For tests
# that have sourced tests/system/lib.sh.

CTL=$BUILD/containctl
STORE=/var/lib/contain
make=$top/tests/images/make.py
servers=()

# What is below /var/lib is the test's own, on the disk where the scratch folder lies: overlayfs, which
# the machine's may be, cannot be mounted with mapped ids.
make_store() {
	mkdir -m 0755 "$SCRATCH/lib"
	mount --bind "$SCRATCH/lib" /var/lib
}

# registry PORT [LINE...]: a registry; the lines are more of its "http" and top level sections.
registry() {
	local port=$1
	shift
	mkdir -p "$SCRATCH/registry"
	{
		printf '%s\n' 'version: 0.1' 'log: {level: error, accesslog: {disabled: true}}' \
			"storage: {filesystem: {rootdirectory: $SCRATCH/registry}}" "$@" 'http:' \
			"  addr: 127.0.0.1:$port"
		[ -z "${registry_tls:-}" ] ||
			echo "  tls: {certificate: $SCRATCH/tls/server.crt, key: $SCRATCH/tls/server.key}"
	} >"$SCRATCH/registry-$port.yml"
	docker-registry serve "$SCRATCH/registry-$port.yml" >"$SCRATCH/registry-$port.log" 2>&1 &
	servers+=($!)
	true_within 10 listens "$port" || not_ok "a registry on port $port" "$(cat "$SCRATCH/registry-$port.log")"
}

listens() {
	(: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# A certificate of a CA of our own for 127.0.0.1: tls/ca.crt, tls/server.crt, tls/server.key.
make_certificates() {
	mkdir -p "$SCRATCH/tls/trusted"
	(
		cd "$SCRATCH/tls" || exit
		openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=test CA' -keyout ca.key -out ca.crt
		openssl req -newkey rsa:2048 -nodes -subj '/CN=127.0.0.1' -keyout server.key -out server.csr
		openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 \
			-extfile <(echo subjectAltName=IP:127.0.0.1) -out server.crt
		cp ca.crt trusted/
	) >/dev/null 2>&1
}

# push TAG-OF-THE-LAYOUT NAME: from the folder oci into the registry on port 5000.
push() {
	skopeo copy -q --dest-tls-verify=false "oci:$SCRATCH/oci:$1" "docker://127.0.0.1:5000/$2"
}

# Every name in the store, every image and layer, and what is left in staging.
store_state() {
	(cd "$STORE" 2>/dev/null && find names images layers staging -maxdepth 1 -mindepth 1 -printf '%p %l\n') | sort
}

# Whether every layer in the store is whole.
layers_are_whole() {
	local layer
	for layer in "$STORE"/layers/*; do
		[ -e "$layer" ] || continue
		[ -d "$layer/tree" ] && [ "$(tail -n 1 "$layer/layer")" = end ] || return 1
	done
}

# And nothing is half done.
store_is_whole() {
	layers_are_whole && [ -z "$(ls "$STORE/staging")" ]
}

empty_store() {
	rm -rf "$STORE"
}

# None of what a pull starts is left.
no_pull_lives() {
	! pgrep --runstates RSDT -x skopeo >/dev/null && ! pgrep --runstates RSDT -x containctl >/dev/null
}
