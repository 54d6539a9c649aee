export declare function serve(options?: {
  readonly port?: number;
  readonly dist?: string;
}): Promise<{ url: string; close: () => void }>;
