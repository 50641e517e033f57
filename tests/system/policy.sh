#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# Policy files as an administrator has them: containctl, and contain-exec's --policy and --as. What the
# parser makes of single files is tests/unit/test_policy_*.c's.
# shellcheck disable=SC2016 # what stands in single quotes is for other shells
. "$(dirname "$0")/lib.sh"

# /etc is a copy in the test's world.
CONF=/etc/contain
sed -i '/^\(alice\|bob\|carol\|sys\.t\|contain-exempt\):/d' /etc/passwd /etc/group
cat >>/etc/passwd <<'END'
alice:x:5001:5001:Alice:/home/alice:/bin/bash
bob:x:5002:5002:Bob:/srv/homes/bob:/bin/sh
carol:x:5003:5003:Carol:/home/carol:/bin/sh
sys.t:x:200:200::/:/bin/sh
END
cat >>/etc/group <<'END'
alice:x:5001:
bob:x:5002:
carol:x:5003:
lab:x:6001:alice,bob
lab-x:x:6002:alice
contain-exempt:x:6003:carol
END
# The user's part must be able to run what was built, which may lie in a home that nobody can enter.
mkdir "$SCRATCH/programs" "$SCRATCH/user"
cp -r "$BUILD"/contain-exec "$BUILD"/containctl "$BUILD"/contain-*.so "$BUILD"/contain-init \
	"$BUILD"/default.conf "$BUILD"/seccomp "$SCRATCH/programs"
chown 5001:5001 "$SCRATCH/user"
CTL=$SCRATCH/programs/containctl
EXEC=$SCRATCH/programs/contain-exec
VENDOR=$SCRATCH/programs/default.conf

# write FILE: its content from standard input, into the policy directory.
write() {
	mkdir -p "$CONF/$(dirname "$1")"
	cat >"$CONF/$1"
}

# json FILE PATH: what stands there, as in 'policy.limits.pids.value'.
json() {
	"$PYTHON" -c '
import json, sys
found = json.load(open(sys.argv[1]))
for name in sys.argv[2].split("."):
    found = found[int(name) if isinstance(found, list) else name]
print(json.dumps(found))' "$1" "$2"
}

# has NAME FILE PATH=JSON...
has() {
	local name=$1 file=$2 check
	shift 2
	for check; do
		holds "$name: $check" [ "$(json "$file" "${check%%=*}")" = "${check#*=}" ]
	done
}

as_user() {
	setpriv --reuid=5001 --regid=5001 --clear-groups --inh-caps=-all --bounding-set=-all "$@"
}

remember_host

# ------------------------------------------------------------------------------ without any policy
rm -rf "$CONF"
expect 'check: a missing directory is no mistake' 0 "warning: $CONF: is missing, so that nobody is confined" \
	"$CTL" policy check
expect 'explain: nobody is confined without files' 0 \
	"alice has uid 5001 and is in the groups alice, lab, lab-x.
Its logins are not confined: \[jail\] enable = no, which is the default.
Policy files, of which later ones win:
  $VENDOR" "$CTL" policy explain alice
run "$EXEC" --policy lab --dry-run true
refuses '--policy: a policy that is missing' 125 \
	"^contain-exec: --policy: there is no policy lab: $CONF/groups/lab.conf is missing" \
	"$EXEC" --policy lab --dry-run true

# ------------------------------------------------------------------------------------ one directory
write default.conf <<'END'
[jail]
grace = 1m
[limits]
memory = 1G
[environment]
WHERE = default
END
write groups/lab.conf <<'END'
[jail]
enable = yes
[limits]
pids = 100
cpu = 50000
[rootfs]
volumes = /srv/lab/%u:/lab
[environment]
WHERE = lab
HALF = 50%%
END
# "lab-x" comes behind "lab" as a name of a group, and "lab-x.conf" before "lab.conf" as that of a file.
write groups/lab-x.conf <<'END'
[limits]
pids = 200
cpus = 2
END
write users/bob.conf <<'END'
[limits]
pids = 300
[rootfs]
home = %h
END
write users/carol.conf <<'END'
[jail]
enable = yes
END
expect 'check: what was written' 0 \
	"warning: $CONF/users/carol.conf: carol is exempt from policy, because it is a member of the group of exempt accounts" \
	"$CTL" policy check

expect 'explain: jailed, and by which rule' 0 \
	"alice has uid 5001 and is in the groups alice, lab, lab-x.
Its logins through sshd are confined: \[jail\] enable = yes \($CONF/groups/lab.conf:2\).
Policy files, of which later ones win:
  $VENDOR
  $CONF/default.conf
  $CONF/groups/lab.conf
  $CONF/groups/lab-x.conf" "$CTL" policy explain alice --service sshd
expect 'explain: systemd-user is refused' 0 \
	".*Its logins through systemd-user are refused: \[jail\] enable = yes .*outside of the container.*" \
	"$CTL" policy explain --service=systemd-user alice
expect 'explain: a service that nobody asks about' 0 '.*through vsftpd are never confined, because its service is.*' \
	"$CTL" policy explain alice --service vsftpd
expect 'explain: exempt by its group' 0 '.*never confined, because it is a member of the group.*
No policy file is read for that.' "$CTL" policy explain carol
expect 'explain: exempt by its uid' 0 '.*never confined, because its uid is below UID_MIN.*' \
	"$CTL" policy explain sys.t
sed -i 's/^UID_MIN.*/UID_MIN 100/' /etc/login.defs
expect 'explain: UID_MIN of login.defs counts' 0 '.*are not confined.*' "$CTL" policy explain sys.t
sed -i 's/^UID_MIN.*/UID_MIN 1000/' /etc/login.defs
expect 'explain: root' 0 '.*because uid 0 is root.*' "$CTL" policy explain root
refuses 'explain: no such account' 1 '^containctl: there is no account called "nobody-there"$' \
	"$CTL" policy explain nobody-there

show() {
	"$CTL" policy show "$@" >"$SCRATCH/shown"
}
show alice
holds 'show: a value of a group, the later one' grep -Eq "^pids = 200 +# $CONF/groups/lab-x.conf:2$" "$SCRATCH/shown"
holds 'show: of cpu and cpus the one that counts' grep -Eq "^cpus = 2 +# $CONF/groups/lab-x.conf:3$" "$SCRATCH/shown"
holds 'show: and not the other' sh -c "! grep -q '^cpu = ' '$SCRATCH/shown'"
holds 'show: specifiers have their values' grep -q '^volumes = /srv/lab/alice:/lab ' "$SCRATCH/shown"
holds 'show: a default' grep -Eq '^swap = auto +# default$' "$SCRATCH/shown"
holds 'show: the vendor'"'"'s default' grep -Eq "^rlimit = core=0 +# $VENDOR:[0-9]+$" "$SCRATCH/shown"
holds 'show: a variable' grep -Eq "^WHERE = lab +# $CONF/groups/lab.conf:9$" "$SCRATCH/shown"
holds 'show: a percent sign as it is written' grep -q '^HALF = 50%% ' "$SCRATCH/shown"
holds 'show: the verdict is a comment' grep -q '^# alice, uid 5001: jailed: ' "$SCRATCH/shown"

# What it prints is a policy file that says the same.
mkdir -p "$SCRATCH/again/users"
cp "$SCRATCH/shown" "$SCRATCH/again/users/alice.conf"
holds 'show: the output is a policy file' "$CTL" policy check "$SCRATCH/again/users/alice.conf"
values() {
	"$CTL" policy show alice --json "$@" | "$PYTHON" -c '
import json, sys
policy = json.load(sys.stdin)["policy"]
print({s: {k: v["value"] for k, v in keys.items()} for s, keys in policy.items()})'
}
holds 'show: and says the same' [ "$(values)" = "$(values --conf "$SCRATCH/again")" ]
show alice --json
has 'show --json' "$SCRATCH/shown" policy.limits.pids.value=200 policy.limits.pids.line=2 \
	"policy.limits.pids.file=\"$CONF/groups/lab-x.conf\"" policy.limits.swap.file=null \
	policy.limits.swap.value=null 'policy.limits.cpu.value="200000 100000"' policy.limits.cpu.line=3 \
	'policy.environment.WHERE.value="lab"' 'policy.security.capabilities.value=[]' \
	policy.jail.grace.value=60.0 'verdict="jailed"' "files.1=\"$CONF/default.conf\""
expect 'show: exempt, but its policy can be seen' 0 '# carol, uid 5003: exempt, because .*enable = yes .*' \
	"$CTL" policy show carol

# --------------------------------------------------------------------------------------- contain-exec
dry() {
	"$EXEC" --dry-run "$@" true >"$SCRATCH/spec" || return
}
holds '--policy: a group' dry --policy lab-x
has '--policy' "$SCRATCH/spec" limits.pids=200 account=null 'environment.WHERE="default"'
refuses '--policy: %u means nobody' 125 "^contain-exec: $CONF/groups/lab.conf:7: \[rootfs\] volumes: %u stands for" \
	dry --policy lab
holds '--as: an account' dry --as bob
has '--as' "$SCRATCH/spec" limits.pids=300 'rootfs.home="/srv/homes/bob"' 'account="bob"' \
	'rootfs.volumes.0.source="/srv/lab/bob"' 'security.capabilities=[]' 'environment.WHERE="lab"' \
	limits.memory=1073741824
holds '--as: options win, wherever they stand' dry --pids 7 --as bob --memory unlimited --volume /a:/b
has '--as' "$SCRATCH/spec" limits.pids=7 limits.memory=null 'rootfs.volumes.1.source="/a"'
refuses '--as: no such account' 125 '^contain-exec: --as: there is no account called "nobody-there"$' \
	dry --as nobody-there
refuses '--as and --policy' 125 'cannot be given together' dry --as bob --policy lab-x
holds '--policy: a file by its path' dry --policy "$CONF/groups/../users/carol.conf"
refuses '--name user-5001 is kept for logins' 125 '^contain-exec: --name: "user-5001" begins with "user-"' \
	dry --name user-5001
refuses '--name session-1 is kept for logins' 125 'session-' dry --name session-1
write groups/odd.conf <<'END'
[network]
mode = none
[limits]
swap = 1G
memory = unlimited
END
refuses '--policy: a contradiction names the file' 125 \
	"^contain-exec: $CONF/groups/odd.conf:4: \[limits\] swap limits nothing without \[limits\] memory: give both$" \
	dry --policy odd
refuses '--policy: a contradiction with an option names it' 125 \
	"^contain-exec: $CONF/groups/odd.conf:2: \[network\] bridge and \[network\] mode none contradict" \
	dry --policy odd --memory 1G --bridge br0
refuses '--policy: a mistake of an option alone is its own' 125 '^contain-exec: --memory: 4K is less' \
	dry --policy odd --memory 4K
rm "$CONF/groups/odd.conf"
expect '--policy: the command has what the file says' 0 'default' \
	"$EXEC" --policy lab-x -- /bin/sh -c 'echo $WHERE'
expect '--policy: the limit is there' 0 '.*' "$EXEC" --policy lab-x -- /bin/true

# --------------------------------------------------------------------------------- what root trusts
# trusted NAME MESSAGE: all three readers of the directory refuse it, and say why.
distrusted() {
	refuses "$1: explain" 1 "^containctl: $2" "$CTL" policy explain alice
	refuses "$1: --as" 125 "^contain-exec: $2" dry --as alice
	expect "$1: check" 1 ".*$2.*" "$CTL" policy check
}
chown 5001 "$CONF/groups/lab.conf"
distrusted 'a file of a user' "$CONF/groups/lab.conf: belongs to uid 5001: it must be root's"
chown 0 "$CONF/groups/lab.conf"
chmod g+w "$CONF/groups/lab.conf"
distrusted 'a file that its group can write' "$CONF/groups/lab.conf: can be written by its group"
chmod g-w "$CONF/groups/lab.conf"
chmod o+w "$CONF/groups"
distrusted 'a directory that everybody can write' "$CONF/groups: can be written by everybody"
chmod o-w "$CONF/groups"
chown 5001 "$CONF"
distrusted 'the directory of a user' "$CONF: belongs to uid 5001"
chown 0 "$CONF"
mkdir "$SCRATCH/user/conf"
cp -r "$CONF/." "$SCRATCH/user/conf"
refuses 'a directory in the home of a user' 1 "^containctl: $SCRATCH/user: belongs to uid 5001" \
	"$CTL" --conf "$SCRATCH/user/conf" policy explain alice
mv "$CONF/groups/lab.conf" "$SCRATCH/lab.conf"
ln -s "$SCRATCH/lab.conf" "$CONF/groups/lab.conf"
distrusted 'a symbolic link' "$CONF/groups/lab.conf: is a symbolic link"
rm "$CONF/groups/lab.conf"
for kind in fifo zero sparse; do
	case $kind in
	fifo) mkfifo -m 0644 "$CONF/groups/lab.conf" ;;
	zero) touch "$CONF/groups/lab.conf" && mount --bind /dev/zero "$CONF/groups/lab.conf" ;;
	sparse) truncate -s 10G "$CONF/groups/lab.conf" ;;
	esac
	begin=$SECONDS
	distrusted "a $kind" "$CONF/groups/lab.conf: (is not a regular file|is larger than)"
	holds "a $kind: nobody waits for it" [ $((SECONDS - begin)) -le 5 ]
	[ "$kind" != zero ] || umount "$CONF/groups/lab.conf"
	rm "$CONF/groups/lab.conf"
done
mv "$SCRATCH/lab.conf" "$CONF/groups/lab.conf"
holds 'the control: all is well again' "$CTL" policy explain alice

# --------------------------------------------------------------------------------------------- check
write users/dave.conf </dev/null
write groups/nobodys.conf </dev/null
write users/notes.txt </dev/null
write defaults.conf </dev/null
write users/.hidden </dev/null
printf '[limits]\nmemroy = 1G\npids = x\n[jial]\n' | write users/bob.conf
expect 'check: everything at once, warnings among it' 1 \
	"warning: $CONF/defaults.conf: is not read; there is default.conf, groups/, users/ and networks/
warning: $CONF/groups/nobodys.conf: there is no group called \"nobodys\"
$CONF/users/bob.conf:2: \[limits\] memroy: unknown key; did you mean memory\?
$CONF/users/bob.conf:3: \[limits\] pids: \"x\" is not .*
$CONF/users/bob.conf:4: \[jial\]: unknown section; did you mean \[jail\]\?
warning: $CONF/users/carol.conf: carol is exempt .*
warning: $CONF/users/dave.conf: there is no account called \"dave\"
warning: $CONF/users/notes.txt: is not read, because its name does not end with .conf" "$CTL" policy check
rm "$CONF/users/dave.conf" "$CONF/groups/nobodys.conf" "$CONF/users/notes.txt" "$CONF/defaults.conf" \
	"$CONF/users/.hidden"
cp "$CONF/default.conf" "$SCRATCH/default.conf"
printf '[jail]\nenable = 1\n' | write default.conf
printf '[limits]\npids = 9\n' | write users/bob.conf
expect 'check: a mistake that several accounts have is said once' 1 \
	"$CONF/default.conf:2: \[jail\] enable: \"1\" is not possible: use yes, no, true or false
warning: $CONF/users/carol.conf: [^
]*" "$CTL" policy check
cp "$SCRATCH/default.conf" "$CONF/default.conf"
printf '[limits]\nmemory = unlimited\nswap = 1G\n' | write users/bob.conf
expect 'check: what contradicts a file before it' 1 ".*$CONF/users/bob.conf:3: \[limits\] swap limits nothing .*" \
	"$CTL" policy check
expect 'check FILE: alone it does not' 0 '' "$CTL" policy check "$CONF/users/bob.conf"
printf '[jail]\nenable=yes\n[limits]\nswap = 1G\n' >"$SCRATCH/alone.conf"
expect 'check FILE: a contradiction in itself is a warning' 0 'warning: .*alone.conf:4: .* \(if nothing .*\)' \
	"$CTL" policy check "$SCRATCH/alone.conf"
expect 'check FILE: several' 1 '.*' "$CTL" policy check "$SCRATCH/alone.conf" "$SCRATCH/no-such-file"
rm "$CONF/users/bob.conf"

printf '[limits]\npids = 20\n' >"$SCRATCH/user/mine.conf"
chown 5001:5001 "$SCRATCH/user/mine.conf"
expect 'check FILE: a user and a file of their own' 0 '' as_user "$CTL" policy check "$SCRATCH/user/mine.conf"
expect 'check FILE: not as root' 1 '.*belongs to uid 5001.*' "$CTL" policy check "$SCRATCH/user/mine.conf"
chmod 0644 "$SCRATCH/user/mine.conf"
chown 5002:5002 "$SCRATCH/user/mine.conf"
expect 'check FILE: not that of another user' 1 '.*belongs to uid 5002.*' \
	as_user "$CTL" policy check "$SCRATCH/user/mine.conf"
expect 'explain: a user can ask too' 0 '.*are confined.*' as_user "$CTL" policy explain alice

samples=0
for sample in "$top"/etc/samples/*.conf; do
	cp "$sample" "$SCRATCH/sample.conf" # the checkout may be anybody's
	expect "sample: ${sample##*/}" 0 '' "$CTL" policy check "$SCRATCH/sample.conf"
	samples=$((samples + 1))
done
holds "there are samples ($samples)" [ "$samples" -ge 5 ]

# ---------------------------------------------------------------------------------------------- keys
"$CTL" policy keys >"$SCRATCH/keys"
"$CTL" policy keys --json >"$SCRATCH/keys.json"
holds 'keys: all of them are in the manual' "$PYTHON" -c '
import json, re, sys
keys = json.load(open(sys.argv[1]))
manual = open(sys.argv[2]).read()
text = open(sys.argv[3]).read()
assert len(keys) > 30
for row in keys:
    name = row["key"] or "NAME"
    assert re.search(r"^\.It Cm %s No = Ar " % name, manual, re.M), name
    assert ".Ss \\&[%s]" % row["section"] in manual
    assert re.search(r"^%s = " % name, text, re.M), name' \
	"$SCRATCH/keys.json" "$BUILD/contain.conf.5" "$SCRATCH/keys"
"$CTL" help >"$SCRATCH/help"
holds 'help: all commands are in the manual' "$PYTHON" -c '
import re, sys
commands = re.findall(r"^  ((?:policy )?[a-z]+)", open(sys.argv[1]).read().split("Options:")[0], re.M)
manual = open(sys.argv[2]).read()
assert len(commands) >= 6, commands
for command in commands:
    assert re.search(r"^\.It Ic %s\b" % command, manual, re.M), command' "$SCRATCH/help" "$BUILD/containctl.8"

# ---------------------------------------------------------------------------------- the command line
expect '--version' 0 'containctl [0-9.]+' "$CTL" --version
for words in '' 'policy' 'policy shw alice' 'policy show' 'policy show a b' 'policy show alice --conf' \
	'policy show alice --nonsense' 'policy check --json' 'policy show --json=x alice' 'nonsense'; do
	# shellcheck disable=SC2086 # words
	refuses "usage: $words" 2 '^containctl: ' "$CTL" $words
done
refuses 'usage: did you mean, of a command' 2 'did you mean policy show\?' "$CTL" policy shwo alice
refuses 'usage: did you mean, of an option' 2 'did you mean --service\?' "$CTL" policy show alice --servce x
refuses 'an account whose name is like an option' 1 'there is no account called "--json"' \
	"$CTL" policy show -- --json
refuses '--conf: a missing relative path' 1 '^containctl: --conf: no/such' "$CTL" --conf no/such policy check
cd /etc || exit 1
expect '--conf: a relative path' 0 '.*are confined.*' "$CTL" --conf contain policy explain alice
cd "$SCRATCH" || exit 1
"$CTL" policy keys >/dev/full 2>"$SCRATCH/err"
holds 'a full disk is a failure' [ $? -eq 1 ]

# ---------------------------------------------------------------------------------------------- edit
# editor COMMANDS: a script that runs them on the file, in $1.
editor() {
	printf '#!/bin/sh\n%s\n' "$1" >"$SCRATCH/editor"
	chmod 0755 "$SCRATCH/editor"
	export EDITOR="$SCRATCH/editor"
}
unset SUDO_EDITOR VISUAL
# edits NAME STATUS REGEX ARGUMENT...: what it prints, on both outputs, is REGEX.
edits() {
	local name=$1 code=$2 pattern=$3
	shift 3
	status=0
	out=$(printf '%s' "${answers:-}" | timeout -k 2 30 "$CTL" policy edit "$@" 2>&1) || status=$?
	if [ "$status" -eq "$code" ] && [[ $out =~ ^($pattern)$ ]]; then
		ok "$name"
	else
		not_ok "$name" "expected exit code $code and: $pattern" "got $status: $out"
	fi
}
clean() {
	holds "$1: no draft is left" [ -z "$(find "$CONF" -name '.*' -not -path "$CONF")" ]
}
umask 077
editor 'cp "$1" '"$SCRATCH"'/template; printf "[limits]\npids = 20\n" >"$1"'
edits 'edit: a new file' 0 '' bob
holds 'edit: it is there' grep -q 'pids = 20' "$CONF/users/bob.conf"
holds 'edit: its owner and mode' [ "$(stat -c '%u:%g %a' "$CONF/users/bob.conf")" = '0:0 644' ]
clean 'edit'
umask 022
sed -E 's/^#(([a-z_]+|NAME) = )/\1/' "$SCRATCH/template" >"$SCRATCH/template.conf"
holds 'edit: the template with all its keys is a policy file' "$CTL" policy check "$SCRATCH/template.conf"
holds 'edit: it has all of them' [ "$(grep -c ' = ' "$SCRATCH/template.conf")" -ge 30 ]
expect 'edit: it says what is said anyway' 0 '' sh -c "'$CTL' policy check '$SCRATCH/template.conf'"

editor ':'
edits 'edit: nothing is changed' 0 'containctl: .*users/bob.conf: nothing has changed' bob
edits 'edit: a template that is not changed makes no file' 0 'containctl: .*: nothing has changed' --group lab-y
holds 'edit: there is none' [ ! -e "$CONF/groups/lab-y.conf" ]

editor 'cp "$1" '"$SCRATCH"'/template; printf "[network]\npool = 10.50.0.0/16\negress = internet\n" >"$1"'
edits 'edit: a network' 0 '(warning: .*)?' --network lab
holds 'edit: its template has what a network can say' eval \
	'grep -q "^#pool = none" "$SCRATCH/template" && fails grep -q "mode\|memory" "$SCRATCH/template"'
holds 'edit: it is there' grep -q 'pool = 10.50.0.0/16' "$CONF/networks/lab.conf"
editor 'printf "[network]\npool = 10.50.0.1/16\n" >"$1"'
answers=$'q\n' edits 'edit: a network with a mistake' 1 \
	"$CONF/networks/lab.conf:2: \[network\] pool: \"10.50.0.1/16\" is not a network: .*" --network lab
holds 'edit: it is as it was' grep -q 'pool = 10.50.0.0/16' "$CONF/networks/lab.conf"
clean 'edit: of a network'
printf '[jail]\nenable = yes\n[network]\nmode = lab\n' >"$CONF/users/alice.conf"
expect 'show: what the file of a network says' 0 '.*
mode = lab +# .*users/alice.conf:4
# pool = 10.50.0.0/16 +# .*networks/lab.conf:2
.*
egress = internet +# .*networks/lab.conf:3
.*' "$CTL" policy show alice
expect 'explain: it is one of the files' 0 '.*networks/lab.conf.*users/alice.conf.*' "$CTL" policy explain alice
rm -r "$CONF/networks" "$CONF/users/alice.conf"

chmod 0600 "$CONF/users/bob.conf"
editor 'printf "[limits]\npids = 21\n" >"$1.new"; mv "$1.new" "$1"; echo junk >"$1~"; chmod 0666 "$1"'
edits 'edit: an editor that replaces the file' 0 '' bob
holds 'edit: the mode of the file is kept' [ "$(stat -c %a "$CONF/users/bob.conf")" = 600 ]
holds 'edit: saved' grep -q 'pids = 21' "$CONF/users/bob.conf"
clean 'edit: an editor that leaves files beside'

editor 'n=$(cat '"$SCRATCH"'/count 2>/dev/null || echo 0); echo $((n + 1)) >'"$SCRATCH"'/count
if [ "$n" = 0 ]; then echo "[limits]
pids = x" >"$1"; else sed -i s/x/22/ "$1"; fi'
rm -f "$SCRATCH/count"
answers=$'\ne\n' edits 'edit: a mistake, and edited again' 0 "$CONF/users/bob.conf:2: \[limits\] pids: .*" bob
holds 'edit: saved after that' grep -q 'pids = 22' "$CONF/users/bob.conf"
editor 'echo "[limits" >"$1"'
cp "$CONF/users/bob.conf" "$SCRATCH/before"
answers=$'q\n' edits 'edit: a mistake, and given up' 1 \
	"$CONF/users/bob.conf:1: \"\[limits\" is not a section.*containctl: $CONF/users/bob.conf is as it was" bob
answers='' edits 'edit: a mistake, and nobody to ask' 1 '.*is as it was' bob
holds 'edit: the file is as it was' cmp -s "$SCRATCH/before" "$CONF/users/bob.conf"
editor 'printf "[limits]\nmemory = unlimited\nswap = 1G\n" >"$1"'
answers=$'q\n' edits 'edit: what contradicts a file before it' 1 '.*users/bob.conf:3: \[limits\] swap limits.*' bob
editor 'exit 3'
edits 'edit: an editor that fails' 1 "containctl: $CONF/users/bob.conf is as it was: the editor .* ended with code 3" bob
editor 'rm "$1"'
edits 'edit: an editor that removes the file' 1 'containctl: .*is as it was: .*No such file.*' bob
editor 'rm "$1"; mkfifo "$1"'
edits 'edit: an editor that leaves a FIFO' 1 'containctl: .*is as it was: .*not a regular file' bob
editor 'rm "$1"; ln -s /etc/shadow "$1"'
edits 'edit: an editor that leaves a link' 1 'containctl: .*is as it was: .*symbolic link.*' bob
EDITOR=/no/such/editor edits 'edit: no such editor' 1 'containctl: .*cannot run the editor /no/such/editor: No such.*' bob
VISUAL="$SCRATCH/words  a;touch\$(id)  " edits 'edit: no such editor, in words' 1 '.*cannot run the editor .*/words: .*' bob
printf '#!/bin/sh\nprintf "%%s|" "$@" >%s/words.seen\n' "$SCRATCH" >"$SCRATCH/words"
chmod 0755 "$SCRATCH/words"
VISUAL="$SCRATCH/words -a  b;c" edits 'edit: the editor has words, but no shell' 0 '.*nothing has changed' bob
holds 'edit: these' grep -Eq '^-a\|b;c\|/.*bob.conf\|$' "$SCRATCH/words.seen"
SUDO_EDITOR="$SCRATCH/words sudo" VISUAL=/bin/false edits 'edit: SUDO_EDITOR comes first' 0 '.*nothing has changed' bob
holds 'edit: it was that' grep -q '^sudo|' "$SCRATCH/words.seen"
mkdir "$SCRATCH/fake"
cp "$SCRATCH/words" "$SCRATCH/fake/vi"
rm "$SCRATCH/words.seen"
run env -u EDITOR PATH="$SCRATCH/fake" "$CTL" policy edit bob
holds 'edit: vi where there is no other' grep -q '^/.*bob.conf|$' "$SCRATCH/words.seen"
holds 'edit: the file is still as it was' cmp -s "$SCRATCH/before" "$CONF/users/bob.conf"
clean 'edit: after all these'

editor 'printf "[limits]\npids = 2\n" >"$1"'
edits 'edit: a group' 0 '.*there is no group called "lab-y".*' --group lab-y
edits 'edit: everybody' 0 '.*' --default
holds 'edit: both are there' [ -s "$CONF/groups/lab-y.conf" -a -s "$CONF/default.conf" ]
rm "$CONF/groups/lab-y.conf"
for words in '' 'alice --default' '--group lab --default'; do
	# shellcheck disable=SC2086 # words
	edits "edit: $words" 1 'containctl: policy edit: name one of .*' $words
done
for name in a/b '' .x ../default; do
	edits "edit: the name \"$name\"" 1 'containctl: "'"$name"'" is not a name that a policy file can have' -- "$name"
done
rm -rf "$CONF/users"
edits 'edit: a directory that is missing is made' 0 '' bob
holds 'edit: it is root'"'"'s alone' [ "$(stat -c '%u %a' "$CONF/users")" = '0 755' ]
for whose in bob --default; do
	"$CTL" --conf "$SCRATCH/new/conf" policy edit $whose >"$SCRATCH/out" 2>&1 </dev/null
	holds "edit $whose: but not what is above the policy directory" [ $? -eq 1 -a ! -e "$SCRATCH/new" ]
done
mkdir "$SCRATCH/new"
for whose in --default bob; do
	"$CTL" --conf "$SCRATCH/new/conf" policy edit $whose >"$SCRATCH/out" 2>&1 </dev/null
	holds "edit $whose: in a new policy directory" [ $? -eq 0 ]
done
holds 'edit: both are there' [ -s "$SCRATCH/new/conf/default.conf" -a -s "$SCRATCH/new/conf/users/bob.conf" ]
expect 'edit: a user cannot' 1 '' as_user "$CTL" policy edit bob

# A second editor, while the first is at work.
mkfifo "$SCRATCH/go"
editor 'echo $$ >'"$SCRATCH"'/pid; cat '"$SCRATCH"'/go >/dev/null; printf "[limits]\npids = 77\n" >"$1"'
start_edit() {
	rm -f "$SCRATCH/pid"
	"$CTL" policy edit bob >"$SCRATCH/first" 2>&1 </dev/null &
	launched=$!
	true_within 10 test -s "$SCRATCH/pid"
}
start_edit
refuses 'edit: a second one is refused' 1 "users/bob.conf: is being edited already, by process $launched\$" \
	"$CTL" policy edit bob
holds 'edit: the draft is its owner'"'"'s alone' [ "$(stat -c %a "$CONF/users/.bob.conf.edit")" = 700 ]
EDITOR="$SCRATCH/words" edits 'edit: another file can be edited' 0 '.*nothing has changed' alice
expect 'check: a draft is not looked at' 0 '.*' "$CTL" policy check
echo >"$SCRATCH/go"
wait "$launched"
holds 'edit: the first one is saved' grep -q 'pids = 77' "$CONF/users/bob.conf"
clean 'edit: after both'

# Killed, nothing but the draft is left, and nobody is kept from editing.
start_edit
kill -KILL "$(cat "$SCRATCH/pid")"
wait "$launched"
holds 'edit: the editor is killed: exit code' [ $? -eq 1 ]
holds 'edit: the editor is killed: said' grep -q 'was killed by signal 9' "$SCRATCH/first"
clean 'edit: the editor is killed'
start_edit
editor_pid=$(cat "$SCRATCH/pid")
kill -KILL "$launched"
{ wait "$launched"; } 2>/dev/null
holds 'edit: containctl is killed: its editor is told' true_within 5 sh -c "! kill -0 $editor_pid 2>/dev/null"
holds 'edit: containctl is killed: the file is as it was' grep -q 'pids = 77' "$CONF/users/bob.conf"
holds 'edit: containctl is killed: all that is left' \
	[ "$(find "$CONF" -name '.*' -not -path "$CONF" -prune)" = "$CONF/users/.bob.conf.edit" ]
expect 'check: a left draft is not looked at' 0 '.*' "$CTL" policy check
editor 'printf "[limits]\npids = 78\n" >"$1"'
edits 'edit: the next one removes it, and says so' 0 'containctl: .*removing what an editor .* has left' bob
holds 'edit: and saves' grep -q 'pids = 78' "$CONF/users/bob.conf"
clean 'edit: after it'

# As one is for a moment, between being made and being locked.
mkdir -m 0700 "$CONF/users/.bob.conf.edit"
run "$CTL" policy edit bob
holds 'edit: an empty draft is nothing that somebody left' eval '[ "$status" -eq 0 ] && [[ $out$err != *removing* ]]'

# Many at once on one file, each as short as it can be: every one of them is saved whole or refused.
editor 'printf "[limits]\npids = $$\n" >"$1"'
: >"$SCRATCH/many"
for n in $(seq 64); do
	"$CTL" policy edit bob >>"$SCRATCH/many" 2>&1 </dev/null &
	[ $((n % 8)) -ne 0 ] || wait
done
wait
holds 'edit: eight at once leave a whole file' "$CTL" policy check "$CONF/users/bob.conf"
holds 'edit: at least one was saved' grep -Eq '^pids = [0-9]+$' "$CONF/users/bob.conf"
holds 'edit: the others were refused and nothing else' \
	sh -c "! grep -v 'is being edited already' '$SCRATCH/many'"
clean 'edit: eight at once'
nothing_left 'nothing is left of all this'
finish
