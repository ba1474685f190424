/* SPDX-License-Identifier: ISC
 * call_filter: which system calls this process may still make; one file with libseccomp, one
 * without. */
#ifndef DISCOVERD_CALL_FILTER_H
#define DISCOVERD_CALL_FILTER_H

/* From now on every thread of this process can make only the calls that a running daemon needs; any
 * other fails with ENOSYS. Libraries can be loaded, but no memory becomes executable that is no
 * file. 0, or a negative errno: -ENOSYS or -EINVAL (a kernel without seccomp),
 * -ENOTSUP (built without libseccomp). */
int call_filter_enforce(void);
/* From then on files cannot be mapped as code either: no library is loaded any more. After
 * call_filter_enforce(). The same errors, and -ENOMEM. */
int call_filter_forbid_code(void);

#endif
