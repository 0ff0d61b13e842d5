/**
 * Tests with real processes, on the packaged program: what a user starts, and what kills it. Run by
 * Failsafe, after packaging ({@code ./mvnw verify}).
 */
@NullMarked
package io.narwhal.endtoend;

import org.jspecify.annotations.NullMarked;
