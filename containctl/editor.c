/* SPDX-License-Identifier: MIT */
#include "containctl/editor.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define WORDS_MAX 16

struct editor {
	char *words[WORDS_MAX + 2]; /* the command, the file, NULL */
	char text[1024];	    /* what they point into */
};

static const char *choose(void)
{
	static const char *const variables[] = { "SUDO_EDITOR", "VISUAL", "EDITOR" };

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i]);
		if (value && value[strspn(value, " ")])
			return value;
	}
	return NULL;
}

static int split(struct editor *editor, const char *command, const char *path, struct err *err)
{
	size_t count = 0;

	if (snprintf(editor->text, sizeof(editor->text), "%s", command) >=
	    (int)sizeof(editor->text))
		return err_say(err, E2BIG, "the name of the editor is too long");
	for (char *rest = editor->text, *word; (word = strsep(&rest, " "));) {
		if (*word && count == WORDS_MAX)
			return err_say(err, E2BIG, "the editor has more than %d words", WORDS_MAX);
		if (*word)
			editor->words[count++] = word;
	}
	editor->words[count++] = (char *)path;
	editor->words[count] = NULL;
	return 0;
}

/* In a child. It goes when we do, but is told so: SIGHUP is what editors save their work at. */
static int work(void *argument, struct err *err)
{
	struct editor *editor = argument;

	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGQUIT, SIG_DFL);
	if (prctl(PR_SET_PDEATHSIG, SIGHUP) < 0)
		return err_sys(err, errno, "cannot run an editor");
	execvp(editor->words[0], editor->words);
	return err_sys(err, errno, "cannot run the editor %s", editor->words[0]);
}

/* As system(3) does it: what is typed at the terminal is meant for the editor. */
static int run_and_wait(struct editor *editor, struct err *err)
{
	struct sigaction ignored = { .sa_handler = SIG_IGN }, interrupt, quit;

	sigaction(SIGINT, &ignored, &interrupt);
	sigaction(SIGQUIT, &ignored, &quit);
	int r = child_run(work, editor, err);
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	return r == -ECHILD ? err_prefix(err, "the editor %s", editor->words[0]) : r;
}

int editor_run(const char *path, struct err *err)
{
	const char *command = choose();
	struct editor editor;

	fflush(stdout);
	int r = split(&editor, command ?: "editor", path, err);
	if (r == 0)
		r = run_and_wait(&editor, err);
	if (r == -ENOENT && !command) {
		r = split(&editor, "vi", path, err);
		if (r == 0)
			r = run_and_wait(&editor, err);
	}
	return r;
}

static void note_interrupt(int number)
{
	(void)number;
}

char editor_ask(const char *question)
{
	struct sigaction noted = { .sa_handler = note_interrupt }, before;
	char first = '\0', byte = '\0';

	printf("%s", question);
	fflush(stdout);
	sigaction(SIGINT, &noted, &before); /* without SA_RESTART: it ends the reading */
	while (byte != '\n' && read(STDIN_FILENO, &byte, 1) == 1)
		first = first ?: byte;
	sigaction(SIGINT, &before, NULL);
	if (byte != '\n')
		puts("");
	return (char)tolower((unsigned char)first);
}
