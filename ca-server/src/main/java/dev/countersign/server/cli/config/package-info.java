/** {@code countersign config}: is this configuration good, and what does it mean. */
@NullMarked
package dev.countersign.server.cli.config;

import org.jspecify.annotations.NullMarked;
