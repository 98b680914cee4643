/**
 * Where the application's connections may go, and who must answer there: looked up by the address that
 * is dialled, for that is all a redirected connection tells.
 *
 * <p>Start with {@link dev.countersign.agent.directory.Directory}, compiled from what the server sent. A
 * service's address leads to all of its ready places, a place's own address to that place alone. {@link
 * dev.countersign.agent.directory.DirectorySource} holds the one in force.
 *
 * <p>Invariant: what was once said to be meshed does not become plaintext because an entry has left, or
 * because nothing was heard for long: an address that left is remembered for a while, and an old directory
 * is no reason to conclude that something is not meshed.
 */
@NullMarked
package dev.countersign.agent.directory;

import org.jspecify.annotations.NullMarked;
