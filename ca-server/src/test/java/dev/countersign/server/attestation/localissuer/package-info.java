@NullMarked
package dev.countersign.server.attestation.localissuer;

import org.jspecify.annotations.NullMarked;
