/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_IMAGE_ARCHITECTURE_H
#define CONTAIN_IMAGE_ARCHITECTURE_H

/* This machine's, as images call it: GOARCH of go.dev/doc/install/source#environment; uname(2)'s
 * own word where there is none. Constant. */
const char *image_architecture(void);

#endif
