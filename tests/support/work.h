/* Processor time in units of this machine and build: limits hold on slow machines, busy ones, and
 * under sanitizers alike. */
#ifndef MHO_TESTS_WORK_H
#define MHO_TESTS_WORK_H

/* Processor time of this thread, seconds. */
double work_s(void);

/* What a million look-ups take here, each at a place of a table of 1 MB that the last one gave:
 * 2 to 10 ms on machines of the 2020s. The least of three. */
double work_unit_s(void);

#endif
