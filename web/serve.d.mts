export declare function serve(port?: number): Promise<{ url: string; close: () => void }>;
