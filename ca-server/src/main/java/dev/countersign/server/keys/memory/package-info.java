/** Keys that end with the process; start with {@link dev.countersign.server.keys.memory.MemoryKeyVault}. */
@NullMarked
package dev.countersign.server.keys.memory;

import org.jspecify.annotations.NullMarked;
