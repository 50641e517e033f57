#!/usr/bin/python3
# SPDX-License-Identifier: MIT
r"""A program on a terminal of its own, driven as somebody at the keyboard would.

    keyboard.py [--size ROWSxCOLUMNS] [--seconds N] STEPS COMMAND [ARGUMENT...]

STEPS are lines, done one after the other:

    expect REGEX        wait until it appears in what has not been matched yet
    absent REGEX        it is not in what has not been matched yet
    send TEXT           type it; \r, \x03 and the like are characters
    resize ROWS COLUMNS
    pause SECONDS
    hangup              close the terminal, as a window is closed

Then the command's end is waited for. The exit code is the command's, 128+n for a signal; or 125 if a
step did not work or the command did not end within N seconds (20). What was on the screen goes to
stdout, why a step failed to stderr.
"""

import argparse
import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time


class Terminal:
    """A program on a terminal of its own. `seen` is what it printed and expect() has not used up."""

    def __init__(self, *command, rows=24, columns=80, term="xterm"):
        self.seen = ""
        self.screen = ""
        self.status = None
        ready, go = os.pipe()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.read(ready, 1)
            os.environ["TERM"] = term
            os.environ["PS1"] = "$ "
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGPIPE):
                signal.signal(number, signal.SIG_DFL)
            try:
                os.execvp(command[0], command)
            except OSError as error:
                os.write(2, f"{command[0]}: {error.strerror}\n".encode())
            os._exit(127)
        self.resize(rows, columns)
        os.write(go, b"x")
        os.close(ready)
        os.close(go)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, text):
        os.write(self.master, text.encode())

    def _read(self, timeout):
        """One piece of output; False at its end or when nothing came in time."""
        if self.master < 0 or not select.select([self.master], [], [], max(timeout, 0))[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return False
        text = data.decode(errors="replace")
        self.seen += text
        self.screen += text
        return bool(data)

    def expect(self, pattern, timeout=10):
        """Wait for pattern in what has not been matched yet; the match, or None."""
        deadline = time.monotonic() + timeout
        while True:
            match = re.search(pattern, self.seen)
            if match:
                self.seen = self.seen[match.end():]
                return match
            if not self._read(deadline - time.monotonic()):
                if self.ended() or time.monotonic() >= deadline:
                    return re.search(pattern, self.seen)
                # At its end: the program has closed the terminal but is still there.
                time.sleep(0.01)

    def ended(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def wait(self, timeout=10):
        """The exit code, after reading all output; None if it does not end."""
        deadline = time.monotonic() + timeout
        while not self.ended() and time.monotonic() < deadline:
            if not self._read(0.05):
                time.sleep(0.005)
        while self._read(0.1):
            pass
        return self.status

    def attributes(self):
        return termios.tcgetattr(self.master)

    def hang_up(self):
        if self.master >= 0:
            os.close(self.master)
        self.master = -1

    def close(self):
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.hang_up()


def do_step(terminal, word, rest, left):
    """One step, within `left` seconds; what is wrong, or None."""
    if word == "expect":
        return None if terminal.expect(rest, left) else "it did not appear"
    if word == "absent":
        return "it is there" if re.search(rest, terminal.seen) else None
    if word == "send":
        terminal.send(rest.encode().decode("unicode_escape"))
    elif word == "resize":
        terminal.resize(*map(int, rest.split()))
    elif word == "pause":
        terminal.expect(r"(?!)", float(rest))
    elif word == "hangup":
        terminal.hang_up()
    else:
        return "there is no such step"
    return None


def drive(terminal, steps, seconds):
    """Do the steps and wait for the end; the exit code."""
    deadline = time.monotonic() + seconds
    for step in filter(None, (line.lstrip() for line in steps.splitlines())):
        word, _, rest = step.partition(" ")
        wrong = do_step(terminal, word, rest, deadline - time.monotonic())
        if wrong:
            print(f"{step}: {wrong}; not matched yet: {terminal.seen[-2000:]!r}", file=sys.stderr)
            return 125
    status = terminal.wait(max(deadline - time.monotonic(), 0.1))
    if status is None:
        print(f"it did not end; not matched: {terminal.seen[-2000:]!r}", file=sys.stderr)
        return 125
    return 128 - status if status < 0 else status


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="24x80")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("steps")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    rows, columns = map(int, arguments.size.split("x"))
    terminal = Terminal(*arguments.command, rows=rows, columns=columns,
                        term=os.environ.get("TERM", "dumb"))
    status = drive(terminal, arguments.steps, arguments.seconds)
    sys.stdout.write(terminal.screen)
    sys.stdout.flush()
    terminal.close()
    return status


if __name__ == "__main__":
    sys.exit(main())
