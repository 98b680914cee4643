/**
 * {@code countersign token}: the development issuer, and a look into tokens. Works on files alone;
 * no server is asked.
 *
 * <p>A token is printed only where it was asked for ({@code mint} without {@code --out}); nothing
 * else ever prints one.
 */
@NullMarked
package dev.countersign.server.cli.token;

import org.jspecify.annotations.NullMarked;
