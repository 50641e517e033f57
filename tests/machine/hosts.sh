#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 120
# Names of hosts in the rules of a login's jail, with logind: who looks them up is there once for all of
# its sessions, and goes with the last, however that ends.
# shellcheck source=tests/machine/lib.sh
. "$(dirname "$0")/lib.sh"
machine_start
policy users/alice.conf <<-'END'
	[jail]
	enable = yes
	grace = 0
	[network]
	mode = bridge
	dns = 192.0.2.53
	egress = host:a.test host:*.a.test internet
END

# Their number, in all jails.
are() {
	[ "$(pgrep -c -f -- '--conf-file=/[0-9].conf')" -eq "$1" ]
}
none() {
	are 0 && ! pgrep -x contain-names >/dev/null
}
expect 'a login asks its own name server' 0 'nameserver 127.0.0.97' ssh_as alice grep nameserver /etc/resolv.conf
hold alice
first=$held
holds 'three of them look names up' within 10 are 3
hold alice
holds 'for two sessions the same three' are 3
release "$first" "$held"
holds 'none after the last has ended' within 20 none
hold alice
holds 'three again' within 10 are 3
loginctl terminate-user alice
holds 'none after logind has ended it' within 20 none
finish
