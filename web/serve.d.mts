export declare function serve(options?: {
  readonly port?: number;
  readonly build?: string;
}): Promise<{ url: string; close: () => void }>;
