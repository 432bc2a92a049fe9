/* Help and version of mho as a whole. */
#ifndef MHO_CLI_HELP_H
#define MHO_CLI_HELP_H

#include <stdio.h>

void help_print(FILE *out);

/* `mho help [COMMAND]`: the overview, or a command's own --help. */
int help_command(int argc, char **argv);
int help_version(void);

/* A word that is no command: says so, with the nearest one. */
int help_unknown(const char *word);

#endif
