/** {@code countersign federation}: other trust domains whose workloads are believed. */
@NullMarked
package dev.countersign.server.cli.federation;

import org.jspecify.annotations.NullMarked;
