// Types of the codecs that bring none, as far as they are used.

interface Codec {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getFrameInfo(): {
    readonly width: number;
    readonly height: number;
    readonly bitsPerSample: number;
    readonly componentCount: number;
    readonly isSigned?: boolean;
  };
  getDecodedBuffer(): Uint8Array;
  /** 0 where colours come plane after plane; of JPEG-LS only. */
  getInterleaveMode?(): number;
  delete(): void;
}

interface CodecOptions {
  readonly print?: (line: string) => void;
  readonly printErr?: (line: string) => void;
}

declare module '@cornerstonejs/codec-charls/decode' {
  const load: (options?: CodecOptions) => Promise<{ JpegLSDecoder: new () => Codec }>;
  export default load;
}

declare module '@cornerstonejs/codec-openjpeg/decode' {
  const load: (options?: CodecOptions) => Promise<{ J2KDecoder: new () => Codec }>;
  export default load;
}

declare module 'jpeg-lossless-decoder-js' {
  const jpeg: {
    readonly lossless: {
      readonly Decoder: new () => {
        decode(buffer: ArrayBuffer, offset: number, length: number): Uint8Array | Uint16Array;
      };
    };
  };
  export default jpeg;
}
