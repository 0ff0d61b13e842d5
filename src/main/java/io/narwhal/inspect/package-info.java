/**
 * What a node has on disk, read without touching it, while the node runs or not.
 *
 * <p>Constraints: read only, but for {@link Reprocessing}, which appends corrections. A view is one
 * consistent state: the newest checkpoint of each lane, the usage frames up to it that the ledger
 * does not have yet, and the ledger up to those; nothing is in it twice and nothing is left out,
 * however the components move on meanwhile.
 */
@NullMarked
package io.narwhal.inspect;

import org.jspecify.annotations.NullMarked;
