package dev.countersign.agent.provider;

import com.google.protobuf.Timestamp;
import dev.countersign.agent.ca.ServiceChannels;
import dev.countersign.agent.ca.ServicePeer;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.wire.v1.envoy.Address;
import dev.countersign.wire.v1.envoy.AttributeContext;
import dev.countersign.wire.v1.envoy.AuthorizationGrpc;
import dev.countersign.wire.v1.envoy.CheckRequest;
import dev.countersign.wire.v1.envoy.CheckResponse;
import dev.countersign.wire.v1.envoy.HeaderValueOption;
import dev.countersign.wire.v1.envoy.SocketAddress;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Speaks Envoy's ext_authz version 3. */
final class GrpcProvider implements Provider {
    private final ExternalAuthorizer settings;
    private final ServiceChannels.Service service;

    GrpcProvider(ExternalAuthorizer settings, ServiceChannels channels) {
        this.settings = settings;
        this.service =
                channels.open(
                        settings.address(),
                        ServicePeer.of(settings.spiffeId(), settings.caCertificates()));
    }

    @Override
    public CompletableFuture<ProviderVerdict> ask(CheckQuestion question) {
        CompletableFuture<ProviderVerdict> answer = new CompletableFuture<>();
        AuthorizationGrpc.newStub(service.channel())
                .withDeadlineAfter(settings.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .check(
                        CheckRequest.newBuilder().setAttributes(attributes(question)).build(),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(CheckResponse response) {
                                answer.complete(verdict(response));
                            }

                            @Override
                            public void onError(Throwable fault) {
                                answer.completeExceptionally(fault);
                            }

                            @Override
                            public void onCompleted() {
                                answer.completeExceptionally(
                                        new IllegalStateException("answer: none"));
                            }
                        });
        return answer;
    }

    @Override
    public void close() {
        service.close();
    }

    /** As Envoy reads it: the status decides, whatever else the answer holds. */
    private static ProviderVerdict verdict(CheckResponse response) {
        if (response.getStatus().getCode() == Status.Code.OK.value()) {
            return ProviderVerdict.allow(
                    fields(response.getOkResponse().getHeadersList()),
                    response.getOkResponse().getHeadersToRemoveList().stream()
                            .map(name -> name.toLowerCase(Locale.ROOT))
                            .filter(HeaderField::mayName)
                            .toList());
        }
        return ProviderVerdict.deny(
                response.getDeniedResponse().getStatus().getCode(),
                fields(response.getDeniedResponse().getHeadersList()),
                response.getDeniedResponse().getBody());
    }

    private static List<HeaderField> fields(List<HeaderValueOption> options) {
        return HeaderField.permitted(
                options.stream()
                        .map(one -> Map.entry(one.getHeader().getKey(), one.getHeader().getValue()))
                        .toList());
    }

    private static AttributeContext attributes(CheckQuestion question) {
        AttributeContext.Builder attributes =
                AttributeContext.newBuilder()
                        .setSource(peer(question.source(), question.sourceAddress(), 0))
                        .setDestination(
                                peer(
                                        question.destination(),
                                        question.destinationAddress(),
                                        question.port()));
        AttributeContext.Request.Builder request =
                AttributeContext.Request.newBuilder().setTime(timestamp(question.time()));
        if (question.isHttp()) {
            CheckQuestion.Http http = question.http();
            request.setHttp(
                    AttributeContext.HttpRequest.newBuilder()
                            .setMethod(http.method())
                            .setHost(http.host())
                            .setPath(http.path())
                            .putAllHeaders(http.headers())
                            .setScheme("http")
                            .setSize(-1)
                            .setProtocol("HTTP/1.1"));
        }
        if (!question.sni().isEmpty()) {
            attributes.setTlsSession(
                    AttributeContext.TLSSession.newBuilder().setSni(question.sni()));
        }
        return attributes.setRequest(request).build();
    }

    private static Timestamp timestamp(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }

    private static AttributeContext.Peer peer(String principal, String address, int port) {
        return AttributeContext.Peer.newBuilder()
                .setPrincipal(principal)
                .setAddress(
                        Address.newBuilder()
                                .setSocketAddress(
                                        SocketAddress.newBuilder()
                                                .setAddress(address)
                                                .setPortValue(port)))
                .build();
    }
}
