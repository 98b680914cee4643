@NullMarked
package dev.countersign.server.cli.token;

import org.jspecify.annotations.NullMarked;
