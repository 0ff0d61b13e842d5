/**
 * A private certificate authority, for those who have none.
 *
 * <p>Constraints: keys are EC on P-256; a certificate's name has at most 64 characters; an
 * authority lives at most 30 years, a certificate at most 3,650 days and never longer than its
 * authority; the index of an authority has at most 64 MiB. Every certificate stands in the index
 * before it stands anywhere else, and every revocation before it stands in the revocation list.
 * This room never writes a key that others may read.
 */
@NullMarked
package io.narwhal.pki;

import org.jspecify.annotations.NullMarked;
