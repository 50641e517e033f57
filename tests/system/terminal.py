#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# timeout: 180
"""Terminals: what somebody at a keyboard sees of contain-exec, through a pseudo-terminal."""

import os
import re
import subprocess
import sys
import termios
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, TOP + "/tests/host")
from keyboard import Terminal  # noqa: E402
BUILD = os.environ["BUILD"]
SCRATCH = os.environ["SCRATCH"]
ROOT = SCRATCH + "/root"
CE = BUILD + "/contain-exec"
failures = 0


def report(name, good, why=""):
    global failures
    print(("ok - " if good else "not ok - ") + name)
    if not good:
        failures += 1
        for line in str(why).splitlines()[-30:]:
            print("# " + line)
    sys.stdout.flush()


def jail(*arguments, root=ROOT, **settings):
    return Terminal(CE, "--rootfs", root, *arguments, **settings)


def test_has_terminal():
    terminal = jail("/bin/tty")
    report("the command has a terminal of the jail", terminal.expect(r"/dev/(pts/\d+|console)"),
           terminal.seen)
    report("its exit code arrives", terminal.wait() == 0, terminal.status)
    terminal.close()
    terminal = jail("/bin/sh", "-c", "exit 33")
    report("another exit code arrives", terminal.wait() == 33, terminal.status)
    terminal.close()


def test_no_terminal_through_pipes():
    result = subprocess.run([CE, "--rootfs", ROOT, "/bin/sh", "-c", "test -t 1 || echo none"],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    report("no terminal where stdout is none", result.stdout == "none\n", result)


def test_attributes_are_restored():
    terminal = jail("/bin/cat")
    terminal.send("one\r")
    before = None
    if terminal.expect("one\r\none\r\n"):
        before = terminal.attributes()
    terminal.send("\x04")
    terminal.wait()
    other = Terminal("/bin/true")
    other.wait()
    report("the caller's terminal is raw while the command runs", before is not None and
           not before[3] & termios.ICANON, terminal.seen)
    report("and as it was afterwards", terminal.attributes()[3] == other.attributes()[3])
    terminal.close()
    other.close()


def test_window_size():
    terminal = jail("/bin/stty", "size", rows=41, columns=101)
    report("the window size is set before the command starts", terminal.expect(r"41 101"),
           terminal.seen)
    terminal.wait()
    terminal.close()
    terminal = jail("/bin/sh", "-c", "trap 'stty size' WINCH; echo ready; while :; do sleep 0.1; done")
    terminal.expect("ready")
    terminal.resize(50, 120)
    report("a change of the window size arrives, with SIGWINCH", terminal.expect(r"50 120"),
           terminal.seen)
    terminal.send("\x03")
    terminal.wait()
    terminal.close()


def test_interrupt():
    terminal = jail("/bin/sh", "-c", "echo ready; exec sleep 100")
    terminal.expect("ready")
    terminal.send("\x03")
    report("Ctrl-C ends the command: 130", terminal.wait() == 130, (terminal.status, terminal.seen))
    terminal.close()
    terminal = jail("/bin/sh", "-c", "trap 'echo caught; exit 4' INT; echo ready; while :; do sleep 0.1; done")
    terminal.expect("ready")
    terminal.send("\x03")
    report("Ctrl-C can be handled by the command",
           terminal.expect("caught") and terminal.wait() == 4, (terminal.status, terminal.seen))
    terminal.close()
    # Not behind a shell: busybox's ignores this signal until it executes something else.
    terminal = jail("/bin/cat")
    terminal.send("there\r")
    terminal.expect("there\r\nthere\r\n")
    terminal.send("\x1c")
    report("Ctrl-\\ ends the command: 131", terminal.wait() == 131, (terminal.status, terminal.seen))
    terminal.close()


def test_end_of_file():
    terminal = jail("/bin/cat")
    terminal.send("text\r")
    terminal.expect("text\r\ntext")
    terminal.send("\x04")
    report("Ctrl-D is the end of file", terminal.wait() == 0, terminal.seen)
    terminal.close()


def test_stop_from_shell():
    terminal = Terminal("bash", "--norc", "--noprofile", "-i")
    terminal.expect(r"\$ ")
    terminal.send(f"{CE} --rootfs {ROOT} /bin/cat\r")
    terminal.expect("cat\r\n")
    time.sleep(0.3)
    terminal.send("one\r")
    report("under an interactive bash the command runs", terminal.expect("one\r\none\r\n"), terminal.seen)
    terminal.send("\x1a")
    report("Ctrl-Z stops it, and bash says so", terminal.expect(r"Stopped"), terminal.seen)
    terminal.send("echo be$((1))tween\r")
    report("bash goes on meanwhile, with its own terminal settings",
           terminal.expect("be1tween\r\n"), terminal.seen)
    terminal.send("fg\r")
    time.sleep(0.3)
    terminal.send("two\r")
    report("fg continues it", terminal.expect("two\r\ntwo\r\n"), terminal.seen)
    terminal.send("\x04")
    terminal.expect(r"\$ ")
    terminal.send("echo code $?\r")
    report("and it ends as if nothing had been", terminal.expect("code 0"), terminal.seen)
    terminal.send(f"{CE} --rootfs {ROOT} /bin/sleep 100\r")
    time.sleep(0.5)
    terminal.send("\x1a")
    terminal.expect("Stopped")
    terminal.send("bg\r")
    terminal.send("kill %1; wait %1; echo code $?\r")
    report("bg and kill work on it", terminal.expect("code 143"), terminal.seen)
    terminal.send("exit\r")
    terminal.wait(3)
    terminal.close()


def test_job_control_inside():
    for root, shell in ((ROOT, ["/bin/sh", "-i"]), ("host", ["/bin/bash", "--norc", "--noprofile", "-i"])):
        where = "busybox" if root == ROOT else "bash"
        terminal = jail("--env", "PS1=> ", *shell, root=root)
        terminal.expect("> ")
        report(f"{where} inside has job control",
               not re.search("job control|can't access tty", terminal.seen), terminal.seen)
        terminal.send("sleep 100\r")
        time.sleep(0.5)
        terminal.send("\x1a")
        report(f"{where} inside: Ctrl-Z stops the job and not the jail",
               terminal.expect("Stopped"), terminal.seen)
        terminal.send("jobs\r")
        report(f"{where} inside: jobs lists it", terminal.expect("sleep 100"), terminal.seen)
        terminal.send("fg\r")
        time.sleep(0.5)
        terminal.send("\x03")
        terminal.send("echo code $?\r")
        report(f"{where} inside: fg and Ctrl-C end it", terminal.expect("code 130"), terminal.seen)
        terminal.send("exit 6\r")
        report(f"{where} inside: its exit code arrives", terminal.wait() == 6, terminal.seen)
        terminal.close()


def test_less():
    terminal = jail("/usr/bin/less", "/etc/passwd", root="host")
    report("less shows a file", terminal.expect("root:x:0:0"), terminal.seen)
    terminal.send("/nobody\r")
    report("less searches", terminal.expect("nobody"), terminal.seen)
    terminal.send("q")
    report("less ends", terminal.wait() == 0, terminal.seen)
    terminal.close()


def test_vi():
    terminal = jail("--overlay", "tmpfs", "/bin/sh", "-c", "vi /tmp/note && cat /tmp/note")
    time.sleep(0.5)
    terminal.send("ihello from vi\x1b")
    time.sleep(0.2)
    terminal.send(":wq\r")
    time.sleep(0.5)
    terminal.wait()
    report("vi edits and saves a file", terminal.seen.rstrip().endswith("hello from vi"), repr(terminal.seen))
    terminal.close()
    if os.path.exists("/usr/bin/vim.tiny"):
        terminal = jail("/bin/sh", "-c", "vim.tiny -u NONE /tmp/note && cat /tmp/note", root="host")
        time.sleep(1)
        terminal.send("ihello from vim\x1b")
        time.sleep(0.2)
        terminal.send(":wq\r")
        time.sleep(0.5)
        terminal.wait()
        report("vim edits and saves a file", terminal.seen.rstrip().endswith("hello from vim"),
               repr(terminal.seen))
        terminal.close()


def test_much_output():
    terminal = jail("/bin/seq", "100000")
    terminal.wait(30)
    lines = terminal.seen.split("\r\n")
    report("100,000 lines arrive in full and in order",
           lines[:-1] == [str(i + 1) for i in range(100000)], (len(lines), lines[-3:]))
    terminal.close()


def test_push_input():
    """The command must not be able to type into the caller's terminal (CVE-2017-5226)."""
    attack = os.path.join(BUILD, "probe/attack")
    follow = "; stty -icanon min 0 time 5; printf 'read<%s>' \"$(dd bs=1 count=1 2>/dev/null)\""
    terminal = Terminal("/bin/sh", "-c", attack + " tiocsti-stdin" + follow)
    control = terminal.expect("read<x>")
    terminal.wait()
    terminal.close()
    if not control:
        print("SKIP - pushing input to the caller: the kernel refuses TIOCSTI outside too")
        return
    for options in ("", "--seccomp none", "--seccomp none --cap-add all", "--tty no"):
        command = f"{CE} --rootfs {ROOT} {options} /probe/attack tiocsti-stdin"
        terminal = Terminal("/bin/sh", "-c", command + follow)
        match = terminal.expect("read<(.?)>")
        terminal.wait()
        report(f"nothing is typed into the caller's terminal ({options or 'default'})",
               match and match.group(1) == "", terminal.seen)
        terminal.close()


def test_own_devpts():
    terminal = jail("/bin/sh", "-c", "ls /dev/pts | tr '\\n' ' '; echo end")
    match = terminal.expect(r"([^\n]*)end")
    names = match.group(1).split() if match else ["?"]
    report("only the jail's own terminals are there", set(names) <= {"0", "ptmx"}, names)
    terminal.wait()
    terminal.close()


def main():
    subprocess.run(["bash", "-c", '. "$0"; make_rootfs "$1"', TOP + "/tests/system/rootfs.sh", ROOT],
                   check=True)
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            try:
                test()
            except OSError as error:
                report(name, False, error)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
