/** Tests of backups. */
@NullMarked
package dev.countersign.server.backup;

import org.jspecify.annotations.NullMarked;
