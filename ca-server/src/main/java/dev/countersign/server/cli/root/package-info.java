/**
 * {@code countersign root}: which roots there are, and their rotation.
 *
 * <p>Start with {@code RootRotateCommand}; {@code RotationScreen} is what it shows.
 */
@NullMarked
package dev.countersign.server.cli.root;

import org.jspecify.annotations.NullMarked;
