package dev.countersign.server.cli.root;

import dev.countersign.wire.v1.ImportRootRequest;
import dev.countersign.wire.v1.ImportRootResponse;
import dev.countersign.wire.v1.RequestIssuerResponse;
import java.nio.file.Path;

/** Ceremonies on the server's host while no server runs; the wiring knows how. */
public interface LocalCeremonies {
    /** The first root, made here. */
    ImportRootResponse init(Path config) throws Exception;

    RequestIssuerResponse request(Path config) throws Exception;

    ImportRootResponse take(Path config, ImportRootRequest request) throws Exception;
}
